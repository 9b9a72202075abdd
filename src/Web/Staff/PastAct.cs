using System.Text.Json;
using EventLedger.Domain.Controlling;

namespace EventLedger.Web.Staff;

/// <summary>One act of the past, as the log has it.</summary>
/// <param name="Entry">As <c>/o2c/v1/controls</c> gives it.</param>
public sealed record PastAct(JsonElement Entry)
{
    /// <summary>Its place in the log.</summary>
    public long Seq => Entry.Number("seq") ?? 0;

    /// <summary>The block that seals it; null while it waits.</summary>
    public long? Height => Entry.Number("height");

    /// <summary>When it was entered.</summary>
    public string? Time => Entry.Text("time");

    /// <summary>Where it stands.</summary>
    public string State => Entry.Text("status") ?? "accepted";

    /// <summary>What was done, in words.</summary>
    public string Title => ControlTable.Of(Type) is { } act ? ActForm.Of(act.Operation, act.Type)?.Title ?? $"{act.Operation} {act.Type}" : Type.Replace('_', ' ');

    /// <summary>Why; null where nobody said.</summary>
    public string? Reason => Entry.At("data").Text("reason");

    /// <summary>The keys that signed it.</summary>
    public IEnumerable<string> Signers => Entry.At("data").At("authorization").Items("signatures").Select(s => s.Text("kid")!);

    /// <summary>Whether its state can be drafted again: only an act of people made one.</summary>
    public bool CanComeBack => ControlTable.Of(Type) is not null && State != "rejected";

    /// <summary>The event's type.</summary>
    public string Type => Entry.Text("type") ?? "";
}
