using EventLedger.Api.Host;
using EventLedger.Web.Site;
using EventLedger.Web.Staff;

var builder = WebApplication.CreateBuilder(args);
await builder.AddLedger();
builder.Services.AddSite();
builder.Services.AddStaff(LedgerOptions.From(builder.Configuration));

var app = builder.Build();
app.MapLedger();
app.MapSite();
await app.RunAsync();
