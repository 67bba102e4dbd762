using TaskSync.Tests.Engine.SwitchOn;

namespace TaskSync.Tests.Engine.Reader;

/// <summary>The same promises, with the org's reader instead of each rep's own reads.</summary>
public sealed class TwoWayWithReaderTests : TwoWayTests
{
    protected override bool WithReader => true;
}

/// <inheritdoc cref="TwoWayWithReaderTests"/>
public sealed class CatchUpWithReaderTests : CatchUpTests
{
    protected override bool WithReader => true;
}
