using TaskSync.Sync.Model;

namespace TaskSync.Tests.Support;

/// <summary>People who ask for what only admins may.</summary>
public static class Admins
{
    /// <summary>An admin who is no rep.</summary>
    public static Actor Adam { get; } = new(Guid.NewGuid(), "Adam Admin", IsAdmin: true);

    /// <summary>This person, as an admin.</summary>
    public static Actor Of(Guid personId) => new(personId, "Adam Admin", IsAdmin: true);
}
