namespace TaskSync.Sync.Model;

/// <summary>Who asks for an operation: made from the sign-in by whoever let the person in, never from an address or a form.</summary>
/// <param name="Id">The person.</param>
/// <param name="Name">Kept with what was done.</param>
/// <param name="IsAdmin">The identity provider gave the role of an admin.</param>
public sealed record Actor(Guid Id, string Name, bool IsAdmin)
{
    /// <summary>Comes before anything else in each operation of admins: what is asked for is not even looked up.</summary>
    /// <exception cref="UnauthorizedAccessException">The person is no admin.</exception>
    public void DemandAdmin()
    {
        if (!IsAdmin)
        {
            throw new UnauthorizedAccessException("This operation takes the role of an admin.");
        }
    }
}
