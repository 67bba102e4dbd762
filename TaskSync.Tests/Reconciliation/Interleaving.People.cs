using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Tests.Reconciliation;

/// <summary>What people do on both sides.</summary>
internal sealed partial class Interleaving
{
    private enum Deed
    {
        None,
        Edit,
        Delete,
        Restore,
        Give,
    }

    private (Deed Deed, DateTimeOffset At, TaskField Field, string? Value) _lastHere;
    private (Deed Deed, DateTimeOffset At, TaskField Field, string? Value) _lastThere;
    private bool _wasGiven;

    /// <summary>Nobody can say any more which deed was the newest.</summary>
    private bool _isTimeBlurred;

    private DateTimeOffset _deletedThereAt;
    private DateTimeOffset _undeletedThereAt;

    private ulong Typed => (1UL << _values) - 1;

    private void ActHere()
    {
        if (_here.Task.RemovedAt is not null)
        {
            if (_here.IsRestorable)
            {
                // What both sides have not agreed is gone was not seen to be: taken back in time, nothing happened. Nor does an older agreement count.
                var isAgreed = _here.Counterpart is { AgreedGone: true, SalesforceId: not null } agreed && agreed.GoneAt >= _here.Task.RemovedAt;
                _lastHere = (isAgreed ? Deed.Restore : Deed.None, _now, default, null);
                _here.Restore(_now);
                _log?.Add($"{At} here: restored");
            }
        }
        else if (_dice.OneIn(3))
        {
            _lastHere = (Deed.Delete, _now, default, null);
            _here.Remove(_now);
            _log?.Add($"{At} here: deleted");
        }
        else if (_values < MostValues)
        {
            var (field, value) = (Fields[_dice.Next(2)], Names[_values++]);
            _lastHere = (Deed.Edit, _now, field, value);
            _here.Edit(field, value, _now);
            _log?.Add($"{At} here: {field} is {value}");
        }
    }

    private void ActThere()
    {
        if (_org.Newest is not { } row)
        {
            return;
        }

        if (row.IsLive)
        {
            ActOnLive(row);
        }
        else if (_dice.OneIn(4))
        {
            row.IsPurged = true;
            _here.Kept |= ModelHere.BitsOf(row.Shown.Values);
            _lastThere = _here.Counterpart.SalesforceId == row.Shown.Id ? _lastThere : (Deed.None, _now, default, null);
            _log?.Add($"{At} there: {row.Shown.Id} purged");
        }
        else if (_org.Undelete(row))
        {
            _org.Do(row, () => { });
            _undeletedThereAt = _now;
            _isTimeBlurred |= _here.Counterpart.Attempts.Any(a => a.Kind == WriteKind.Undelete);
            _lastThere = (_here.Counterpart.AgreedGone && _here.Counterpart.SalesforceId == row.Shown.Id ? Deed.Restore : Deed.None, _now, default, null);
            _log?.Add($"{At} there: {row.Shown.Id} undeleted");
        }
    }

    private void ActOnLive(ModelRow row)
    {
        switch (_dice.Next(8))
        {
            case 0 when !_wasGiven || row.Shown.OwnerId != ModelOrg.Rep:
                _wasGiven = true;
                _lastThere = (Deed.Give, _now, default, null);
                _org.Do(row, () => _org.Give(row, row.Shown.OwnerId == ModelOrg.Rep ? ModelOrg.Colleague : ModelOrg.Rep));
                _log?.Add($"{At} there: {row.Shown.Id} belongs to {row.Shown.OwnerId}");
                break;
            case < 3:
                // Taken out of the bin and deleted again unseen: nothing happened. A deletion of ours that may still land looks like this one.
                var isUnseen = _here.Counterpart.AgreedGone || (_undeletedThereAt != default && row.Shown.WhoName != _here.SeenDeed);
                _isTimeBlurred |= _here.Counterpart.Attempts.Any(a => a.Kind == WriteKind.Delete);
                _lastThere = (isUnseen ? Deed.None : Deed.Delete, _now, default, null);
                _org.Do(row, () => _org.Delete(row));
                _deletedThereAt = _now;
                _log?.Add($"{At} there: {row.Shown.Id} deleted");
                break;
            default:
                if (_values < MostValues && (_schema.Key != KeyPlace.None || _here.Counterpart.SalesforceId is not null))
                {
                    var (field, value) = (Fields[_dice.Next(2)], Names[_values++]);
                    _here.Kept |= ModelHere.BitOf(row.Shown.Values[field]);

                    // Edited within a moment, a late create looks as it was created.
                    var isAsCreated = _here.Counterpart.SalesforceId != row.Shown.Id && _org.Now - row.Shown.CreatedDate < TooClose;
                    _here.Kept |= isAsCreated ? ModelHere.BitOf(value) : 0;
                    _lastThere = (isAsCreated ? Deed.None : Deed.Edit, _now, field, value);
                    _org.Do(row, () => _org.Edit(row, TaskValues.Unknown.With(field, value)));
                    _log?.Add($"{At} there: {row.Shown.Id} {field} is {value}");
                }

                break;
        }
    }

    /// <summary>The rep looks into Salesforce, and answers.</summary>
    private void Answer()
    {
        foreach (var arrived in _here is { IsAsked: true, Counterpart.SalesforceId: null } ? _org.Rows : [])
        {
            // "It is not there" is true then.
            _here.Kept |= ModelHere.BitsOf(arrived.Shown.Values);
            _org.Delete(arrived);
            arrived.IsPurged = true;
        }

        _log?.Add($"{At} here: retry");
        _here.Retry(_now);
    }
}
