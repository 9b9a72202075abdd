using System.CommandLine;
using System.CommandLine.Help;
using EventLedger.Cli;

// No RootCommand: it would call itself by the file that it lies in, and people start it as ./ledger.
var root = new Command("./ledger", "The ledger's command line. Exit codes: 0 done or authentic, 1 refused or not authentic, 2 cannot tell, 64 wrong usage, 66 a file is missing or not what it should be, 69 out of reach.")
{
    new HelpOption { Recursive = true },
    GenesisCommand.Create(),
    KeygenCommand.Create(),
    LoginCommand.Login(), LoginCommand.Logout(), LoginCommand.Token(),
    RegisterCommand.Create(),
    ApproveCommand.Create(),
    ApplicationCommand.Create(),
    ControlCommand.Create(),
    FormatCommand.Create(),
    SubmitCommand.Create(),
    StatusCommand.Create(),
    RegistrarCommand.Create(),
    VaultCommand.Create(),
    ImportCommand.Create(),
    SampleCommand.Create(),
    QueryCommand.Create(),
    SearchCommand.Create(),
    TraceCommand.Create(),
    AccessCommand.Disclose(),
    AccessCommand.Explain(),
    AccessCommand.Grants(),
    WebhookCommand.Create(),
    VerifyCommand.Create(),
    EvidenceCommand.Create(),
    SuperviseCommand.Create(),
    AuditCommand.Create(),
    RecoverCommand.Create(),
    ValidatorCommand.Create(),
    DoctorCommand.Create(),
};
return await Shell.Run(root, args);
