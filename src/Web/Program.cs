using EventLedger.Api.Host;

var builder = WebApplication.CreateBuilder(args);
await builder.AddLedger();

var app = builder.Build();
app.MapLedger();
await app.RunAsync();
