using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>The five rooms of Y.4561 clause 7 see each other only through the internal reference points.</summary>
public sealed class DoorTests
{
    private static readonly Dictionary<char, string> Rooms = new()
    {
        ['R'] = "Representation", ['P'] = "Processing", ['S'] = "Provisioning", ['C'] = "Controlling", ['M'] = "Monitoring",
    };

    private static readonly string[] Points = ["P2R", "S2P", "C2R", "C2P", "C2S", "M2R", "M2P", "M2S"];

    [Fact]
    public void Rooms_of_the_domain_meet_only_at_reference_points() =>
        (from room in Rooms.Values
         from file in Tree.CSharp($"src/Domain/{room}")
         from finding in PastTheDoors(room, file, other => Tree.CSharp($"src/Domain/{other}"))
         select finding).ShouldBeEmpty();

    [Fact]
    public void A_type_of_another_room_is_found_and_a_reference_point_is_not()
    {
        var file = new TextFile("x.cs", "class A { Source s; IM2R point; }");
        TextFile[] representation = [new("y.cs", "record Source; interface IM2R;")];
        PastTheDoors("Monitoring", file, room => room == "Representation" ? representation : [])
            .ShouldBe(["x.cs: Source of Representation"]);
    }

    [Fact]
    public void Consensus_sees_only_the_kernel_and_the_ledger_formats() =>
        Tree.CSharp("src/Validator/Consensus").SelectMany(PastConsensus).ShouldBeEmpty();

    [Fact]
    public void A_network_import_in_consensus_is_found() =>
        PastConsensus(new("x.cs", "using System.Net;\nusing EventLedger.Validator.Storage;\nusing EventLedger.Domain.Ledger;")).Count().ShouldBe(2);

    [Fact]
    public void The_ledger_formats_see_no_room() =>
        (from folder in (string[])["Kernel", "Ledger"]
         from file in Tree.CSharp($"src/Domain/{folder}")
         from import in Syntax.Imports(file.Text)
         where Rooms.Values.Any(room => import.StartsWith($"EventLedger.Domain.{room}", StringComparison.Ordinal))
         select $"{file.Path}: {import}").ShouldBeEmpty();

    private static IEnumerable<string> PastTheDoors(string room, TextFile file, Func<string, IEnumerable<TextFile>> filesOf)
    {
        var own = filesOf(room).SelectMany(f => Syntax.DeclaredTypes(f.Text)).Concat(Syntax.DeclaredTypes(file.Text)).ToHashSet();
        var words = Syntax.Words(file.Text).Select(w => w.Word).ToHashSet();
        return from other in Rooms.Values
               where other != room
               from type in filesOf(other).SelectMany(f => Syntax.DeclaredTypes(f.Text)).Distinct()
               where words.Contains(type) && !own.Contains(type) && !IsDoor(type, room, other)
               select $"{file.Path}: {type} of {other}";
    }

    private static bool IsDoor(string type, string one, string other) =>
        type.TrimStart('I') is var point && Points.Contains(point)
        && (string[])[Rooms[point[0]], Rooms[point[2]]] is var ends && ends.Contains(one) && ends.Contains(other);

    private static IEnumerable<string> PastConsensus(TextFile file) => Syntax.Imports(file.Text)
        .Where(import => import is not ("EventLedger.Domain.Kernel" or "EventLedger.Domain.Ledger")
            && !import.StartsWith("EventLedger.Validator.Consensus", StringComparison.Ordinal)
            && !import.StartsWith("System.Collections", StringComparison.Ordinal)
            && import is not ("System" or "System.Linq" or "System.Text" or "System.Globalization" or "System.Diagnostics"
                or "System.Diagnostics.CodeAnalysis" or "System.Runtime.InteropServices" or "System.Numerics" or "System.Buffers"))
        .Select(import => $"{file.Path}: {import}");
}
