using TaskSync.Simulator.OAuth;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Writing;

namespace TaskSync.Simulator.Inside;

public sealed partial class SimulatedOrg
{
    /// <summary>Adds a user with the username <c>first.last@acme.example</c>.</summary>
    /// <param name="firstName">First name.</param>
    /// <param name="lastName">Last name.</param>
    /// <param name="timeZone">IANA zone; null is the org's.</param>
    /// <param name="viewAllData">Sees every record.</param>
    /// <param name="modifyAllData">Sees and changes every record.</param>
    public SimulatedUser AddUser(string firstName, string lastName, string? timeZone = null, bool viewAllData = false, bool modifyAllData = false) =>
        Locked(() => new SimulatedUser(_core.Founding.AddUser(firstName, lastName, timeZone, null, viewAllData, modifyAllData)));

    /// <summary>Changes a user, also what decides over access: <c>IsActive</c>, <c>TimeZoneSidKey</c>, <c>$ApiEnabled</c>, <c>$ViewAllData</c>, <c>$ModifyAllData</c>.</summary>
    public SimulatedUser UpdateUser(string userId, FieldValues values)
    {
        UpdateRecord(userId, values);
        return Users.First(user => user.Id == Locked(() => Row(userId).Id));
    }

    /// <summary>Puts the reps under the manager in the role hierarchy: he sees and edits their tasks.</summary>
    public void PutUnder(string managerId, params string[] userIds)
    {
        var top = CreateRecord("UserRole", new FieldValues { ["Name"] = "Manager" });
        var below = CreateRecord("UserRole", new FieldValues { ["Name"] = "Team", ["ParentRoleId"] = top });
        UpdateRecord(managerId, new FieldValues { ["UserRoleId"] = top });
        foreach (var id in userIds)
            UpdateRecord(id, new FieldValues { ["UserRoleId"] = below });
    }

    /// <summary>Adds a queue and gives its id.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="ownsTasks">Whether Task is among the objects it may own.</param>
    public string AddQueue(string name, bool ownsTasks = true) =>
        CreateRecord("Group", new FieldValues { ["Name"] = name, ["Type"] = "Queue", ["$OwnsTasks"] = ownsTasks });

    /// <summary>Replaces the values of Task.Status. Stored tasks keep what they have; IsClosed follows at their next change.</summary>
    public void SetStatuses(params PicklistEntry[] values) => SetValues(_core.Store.Schema.TaskStatus, "IsClosed", values);

    /// <summary>Replaces the values of Task.Priority.</summary>
    public void SetPriorities(params PicklistEntry[] values) => SetValues(_core.Store.Schema.TaskPriority, "IsHighPriority", values);

    /// <summary>Adds a value to Task.Status, behind the others.</summary>
    public void AddStatus(string name, bool isClosed = false) => Locked(() =>
        _core.Founding.AddValue(_core.Store.Schema.TaskStatus, "IsClosed", name, isClosed, false, _core.Store[_core.Store.Schema.TaskStatus].Count + 1));

    /// <summary>
    /// Makes a value of Task.Status closed or open. IsClosed of the tasks that have it follows at once, and with it SystemModstamp; nobody
    /// saves them, so that nothing else of them changes. Returns how many tasks.
    /// </summary>
    public int SetStatusClosed(string name, bool closed = true) => Write(transaction =>
    {
        var (task, values) = (_core.Store.Schema.Task, _core.Store.Schema.TaskStatus);
        var status = _core.Store[values].Rows.FirstOrDefault(row => row.Text("ApiName") == name) ?? throw new ArgumentException($"There is no status {name}.", nameof(name));
        _core.Records.Update(transaction, As(null), status, new Dictionary<Field, object?> { [values["IsClosed"]] = closed });
        var having = _core.Store.Tasks.Rows.Where(row => !row.IsDeleted && row.Text(task.Status) == name && row.Is(task.IsClosed) != closed).ToList();
        foreach (var row in having)
            _core.Records.ChangeBySystem(transaction, row, task.IsClosed, closed);
        return having.Count;
    });

    /// <summary>Hides a field of Task from everybody, or from one user.</summary>
    public void HideField(string name, string? userId = null) => SetFieldAccess(name, FieldAccess.Hidden, userId);

    /// <summary>Shows a field of Task again, to everybody or to one user.</summary>
    public void ShowField(string name, string? userId = null) => SetFieldAccess(name, FieldAccess.Editable, userId);

    /// <summary>Sets the field level security of a Task field, for everybody or for one user, which then counts more.</summary>
    public void SetFieldAccess(string name, FieldAccess access, string? userId = null) => ChangeSettings(settings =>
        settings.FieldAccess[userId is null ? TaskField(name).Name : $"{TaskField(name).Name}@{UserRow(userId).Id}"] = access);

    /// <summary>Takes a task out of a user's sight, or puts it back, whatever sharing says. No stamp moves.</summary>
    public void SetVisible(string taskId, string userId, bool visible) => ChangeSettings(settings =>
    {
        var entry = $"{Row(taskId).Id}@{UserRow(userId).Id}";
        _ = visible ? settings.HiddenTasks.Remove(entry) : settings.HiddenTasks.Add(entry);
    });

    /// <summary>Makes a picklist of Task refuse values it does not list, or accept them again.</summary>
    public void RestrictPicklist(string field, bool restricted = true) => ChangeSettings(settings =>
        _ = restricted ? settings.RestrictedPicklists.Add(TaskField(field).Name) : settings.RestrictedPicklists.Remove(field));

    /// <summary>Makes a field of Task required, or optional again.</summary>
    public void RequireField(string field, bool required = true) => ChangeSettings(settings =>
        _ = required ? settings.RequiredFields.Add(TaskField(field).Name) : settings.RequiredFields.Remove(field));

    /// <summary>Replaces the values that a picklist of Task lists (not Status and Priority); stored values stay.</summary>
    public void SetPicklistValues(string field, params string[] values) => ChangeSettings(settings => settings.PicklistValues[TaskField(field).Name] = values);

    /// <summary>Adds a validation rule to Task, or replaces that of the same name.</summary>
    public void AddValidationRule(ValidationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        CheckCondition(rule.When);
        ChangeSettings(settings => settings.ValidationRules = [.. settings.ValidationRules.Where(r => r.Name != rule.Name), rule]);
    }

    /// <summary>Adds a trigger to Task, or replaces that of the same name.</summary>
    public void AddTrigger(TaskTrigger trigger)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        CheckCondition(trigger.When);
        _ = TaskField(trigger.Field).IsText ? true : throw new ArgumentException($"{trigger.Field} is no text field.", nameof(trigger));
        ChangeSettings(settings => settings.Triggers = [.. settings.Triggers.Where(t => t.Name != trigger.Name), trigger]);
    }

    /// <summary>Removes the validation rule or trigger of that name; all of them when null.</summary>
    public void RemoveAutomation(string? name = null) => ChangeSettings(settings =>
    {
        settings.ValidationRules = [.. settings.ValidationRules.Where(rule => name is not null && rule.Name != name)];
        settings.Triggers = [.. settings.Triggers.Where(trigger => name is not null && trigger.Name != name)];
    });

    /// <summary>
    /// Moves the org to another instance: the next token answers carry another instance_url, below which alone the API works from now on.
    /// The login, with its tokens, stays where it is.
    /// </summary>
    /// <param name="name">Names the instance, whose address is that of the login followed by <c>/~name</c>; null is the address of the login.</param>
    /// <param name="old">What every other address answers.</param>
    public void MoveInstance(string? name, OldAddress old = OldAddress.KnowsNoSession) => ChangeSettings(settings =>
    {
        if (name is not null && (name.Length == 0 || !name.All(char.IsAsciiLetterOrDigit)))
            throw new ArgumentException("Letters and digits only.", nameof(name));
        (settings.InstanceName, settings.OldAddress) = (name, old);
    });

    /// <summary>Registers the key that signs an app's JWT bearer assertions, beside those it has.</summary>
    /// <param name="pem">A certificate or a public key, RSA, PEM.</param>
    /// <param name="clientId">The app.</param>
    public void RegisterCertificate(string pem, string clientId = "TaskSync.Demo")
    {
        var key = JwtBearer.ReadKey(pem);
        ChangeSettings(settings => settings.AppKeys[clientId] = [.. settings.AppKeys.GetValueOrDefault(clientId, []).Where(known => known != key), key]);
    }

    /// <summary>Forgets every key of the app: its assertions are refused.</summary>
    public void RemoveCertificates(string clientId = "TaskSync.Demo") => ChangeSettings(settings => settings.AppKeys.Remove(clientId));

    /// <summary>
    /// Approves an app for a user, or takes that back, as an administrator does ("Admin approved users are pre-authorized"). A user who
    /// allowed the app in the browser needs no such approval.
    /// </summary>
    public void ApproveUser(string userId, bool approved = true, string clientId = "TaskSync.Demo") => ChangeSettings(settings =>
    {
        var entry = $"{clientId}@{UserRow(userId).Id}";
        _ = approved ? settings.ApprovedUsers.Add(entry) : settings.ApprovedUsers.Remove(entry);
    });

    private void CheckCondition(string condition) => Write(_ =>
    {
        new Automation(_core.Store).CheckCondition(condition);
        return true;
    });

    internal Field TaskField(string name) => _core.Store.Schema.Task.Find(name) ?? throw new ArgumentException($"Task has no field {name}.", nameof(name));

    private void ChangeSettings(Action<OrgSettings> change) => Locked(() =>
    {
        change(_core.Store.Settings);
        _core.Store.SaveSettings();
    });

    private void SetValues(ObjectType type, string flag, PicklistEntry[] values) => Locked(() =>
    {
        foreach (var row in _core.Store[type].Rows.ToList())
            _core.Store.Remove(row);
        var order = 0;
        foreach (var value in values)
            _core.Founding.AddValue(type, flag, value.Name, value.IsFlagged, value.IsDefault, ++order);
    });
}
