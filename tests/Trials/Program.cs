using EventLedger.Trials;
using EventLedger.Validator.Tests.Consensus;

return args switch
{
    ["traces", var folder] => Traced(folder) ? 0 : 1,
    ["twins"] => TwinReport.Print(isFull: false, Console.Out) ? 0 : 1,
    ["twins", "all"] => TwinReport.Print(isFull: true, Console.Out) ? 0 : 1,
    ["mutants"] => Mutation.Run(Traces.Repository(), "", Console.Out) ? 0 : 1,
    ["mutants", var word] => Mutation.Run(Traces.Repository(), word, Console.Out) ? 0 : 1,
    ["try", var core] => Mutation.Try(core),
    _ => Usage(),
};

// The repository's own cases run too: the public examples alone say little about stale timers and about what follows a decision.
static bool Traced(string folder)
{
    var isSame = TraceReport.Print(folder, Console.Out);
    return TraceReport.Print(Path.Combine(Traces.Root, "own"), Console.Out) && isSame;
}

static int Usage()
{
    Console.Error.WriteLine("traces DIR | twins [all] | mutants [WORD]");
    return 64;
}
