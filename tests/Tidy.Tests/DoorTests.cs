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

    /// <summary>Where each of the five functional entities is in the host; whatever else is there is ground that all share.</summary>
    private static readonly Dictionary<string, string[]> Folders = new()
    {
        ["Representation"] = ["R2D"], ["Processing"] = ["Processing"], ["Provisioning"] = ["Provisioning", "Delivery"], ["Controlling"] = ["O2C"], ["Monitoring"] = ["V2M"],
    };

    // Puts the rooms together, and so names them all.
    private const string Builder = "src/Api/Host/LedgerHost.cs";

    // The form of every answer, which the site's pages know under this name: a word of all rooms, no part of one.
    private static readonly (string Namespace, string[] Words) Form = ("EventLedger.Api.Provisioning.Answers", ["Answer", "Problem"]);

    [Fact]
    [Y4561("D-7-b")]
    public void Rooms_of_the_host_meet_only_at_reference_points()
    {
        var others = Tree.CSharp("src/Api/Provisioning/Answers").SelectMany(f => Syntax.DeclaredTypes(f.Text)).Except(Form.Words).ToHashSet();
        var files = Tree.CSharp("src/Api").Where(f => f.Path != Builder).ToList();
        files.Select(RoomOf).Distinct().Order().ShouldBe([null, "Controlling", "Monitoring", "Processing", "Provisioning", "Representation"]);
        files.SelectMany(file => PastTheDoorsOfTheHost(file, others)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("src/Api/V2M/A.cs", "using EventLedger.Api.O2C;", "EventLedger.Api.O2C of Controlling")]
    [InlineData("src/Api/V2M/A.cs", "using X = EventLedger.Api.Provisioning.Records.RecordRow;", "EventLedger.Api.Provisioning.Records.RecordRow of Provisioning")]
    [InlineData("src/Api/V2M/A.cs", "namespace EventLedger.Api.V2M; class A { R2D.Intake intake; }", "R2D.Intake of Representation")]
    [InlineData("src/Api/V2M/A.cs", "namespace EventLedger.Api.V2M; class A { object a = Api.R2D.Intake.Busy; }", "Api.R2D.Intake.Busy of Representation")]
    [InlineData("src/Api/V2M/A.cs", "using EventLedger.Api.Provisioning.Answers; class A { RecordAnswers answers; }", "EventLedger.Api.Provisioning.Answers of Provisioning")]
    [InlineData("src/Api/Host/A.cs", "using EventLedger.Api.O2C;", "EventLedger.Api.O2C of Controlling")]
    [InlineData("src/Api/R2D/A.cs", "using EventLedger.Api.Doors; class A(IS2P door);", "IS2P leads elsewhere")]
    public void A_way_past_the_doors_of_the_host_is_found(string path, string text, string found) =>
        PastTheDoorsOfTheHost(new(path, text), ["RecordAnswers"]).ShouldBe([$"{path}: {found}"]);

    [Theory]
    [InlineData("src/Api/V2M/A.cs", "using EventLedger.Api.Provisioning.Answers; class A { Answer<string> answer; }")]
    [InlineData("src/Api/V2M/A.cs", "using EventLedger.Api.Doors; class A(IM2P door);")]
    [InlineData("src/Api/Delivery/A.cs", "using EventLedger.Api.Provisioning.Records;")]
    [InlineData("src/Api/Telemetry/A.cs", "using EventLedger.Api.Doors; class A(IM2P door);")]
    public void A_way_through_a_door_is_none_past_it(string path, string text) => PastTheDoorsOfTheHost(new(path, text), ["RecordAnswers"]).ShouldBeEmpty();

    /// <summary>A door is one interface, opened by the entity that it leads to and used by the one that it comes from.</summary>
    [Fact]
    [Y4561("D-7-b")]
    public void Every_internal_reference_point_is_one_door()
    {
        Tree.CSharp("src/Api/Doors").SelectMany(f => Syntax.DeclaredTypes(f.Text)).Where(t => Points.Contains(t[1..])).Order()
            .ShouldBe(Points.Select(p => $"I{p}").Order());
        foreach (var point in Points)
        {
            // The Recommendation writes P2R from the side of Processing; here Representation asks, as for S2P Provisioning does.
            var (asks, answers) = point == "P2R" ? (Rooms['R'], Rooms['P']) : (Rooms[point[0]], Rooms[point[2]]);
            var named = Tree.CSharp("src/Api").Where(f => Syntax.Words(f.Text).Any(w => w.Word == $"I{point}")).ToList();
            named.ShouldContain(f => RoomOf(f) == asks && !Syntax.Implements(f.Text).Contains($"I{point}"), point);
            named.Where(f => Syntax.Implements(f.Text).Contains($"I{point}")).Select(RoomOf).ShouldBe([answers], point);
        }
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

    private static string? RoomOf(TextFile file) => Folders.FirstOrDefault(room => room.Value.Any(folder => file.IsIn($"src/Api/{folder}"))).Key;

    // A type of another namespace is seen through an import or by a name with dots; nothing else leads to it.
    private static IEnumerable<string> PastTheDoorsOfTheHost(TextFile file, HashSet<string> answers)
    {
        var own = RoomOf(file);
        var words = Syntax.Words(file.Text).Select(w => w.Word).ToHashSet();
        var ways = from name in Syntax.Imports(file.Text).Concat(Syntax.DottedNames(file.Text)).Distinct()
                   where name != Form.Namespace || words.Overlaps(answers)
                   let parts = name.Split('.')
                   let first = Array.FindIndex(parts, part => part is not ("EventLedger" or "Api"))
                   where first >= 0 && first < parts.Length
                   from room in Folders
                   where room.Key != own && room.Value.Contains(parts[first]) && (first > 0 || parts.Length > 1)
                   select $"{file.Path}: {name} of {room.Key}";
        return own is null ? ways : ways.Concat(from point in Points
                                                where words.Contains($"I{point}") && Rooms[point[0]] != own && Rooms[point[2]] != own
                                                select $"{file.Path}: I{point} leads elsewhere");
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
