using System.Globalization;
using EventLedger.Trials;
using EventLedger.Validator.Tests.Consensus;

return args switch
{
    ["traces", var folder] => Traced(folder) ? 0 : 1,
    ["twins"] => TwinReport.Print(isFull: false, from: 1, Console.Out) ? 0 : 1,
    ["twins", "all", .. var rest] when From(rest) is { } from => TwinReport.Print(isFull: true, from, Console.Out) ? 0 : 1,
    ["mutants", .. var rest] when From(rest) is { } from => Mutation.Run(Traces.Repository(), "", from, Console.Out) ? 0 : 1,
    ["mutants", "--left"] => Mutation.Run(Traces.Repository(), "", 0, Console.Out) ? 0 : 1,
    ["mutants", var word] when !word.StartsWith('-') => Mutation.Run(Traces.Repository(), word, 1, Console.Out) ? 0 : 1,
    ["try", var core] => MutantProcess.Try(core),
    _ => Usage(),
};

// The repository's own cases run too: the public examples alone say little about stale timers and about what follows a decision.
static bool Traced(string folder)
{
    var isSame = TraceReport.Print(folder, Console.Out);
    return TraceReport.Print(Path.Combine(Traces.Root, "own"), Console.Out) && isSame;
}

// Counted from 1; null for words that are none of this.
static int? From(string[] words) => words switch
{
    [] => 1,
    ["--from", var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from > 0 => from,
    _ => null,
};

static int Usage()
{
    Console.Error.WriteLine("traces DIR | twins [all [--from N]] | mutants [WORD | --from N | --left]");
    return 64;
}
