namespace TaskSync.Sync.Data;

/// <summary>The start stops: a setting, or what it names, does not work. The message is for the operator: what is wrong, which key says so, and a way out.</summary>
public sealed class SetupException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
