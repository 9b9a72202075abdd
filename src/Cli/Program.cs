using System.CommandLine;
using EventLedger.Cli;

var root = new RootCommand("The ledger's command line. Exit codes: 0 done or authentic, 1 refused or not authentic, 2 cannot tell, 64 wrong usage, 69 out of reach.")
{
    GenesisCommand.Create(),
    KeygenCommand.Create(),
    RegisterCommand.Create(),
    ApproveCommand.Create(),
    FormatCommand.Create(),
    SubmitCommand.Create(),
    StatusCommand.Create(),
    ImportCommand.Create(),
    SampleCommand.Create(),
    VerifyCommand.Create(),
    AuditCommand.Create(),
    RecoverCommand.Create(),
    DoctorCommand.Create(),
};
return await Shell.Run(root, args);
