using EventLedger.Api.Host;
using EventLedger.Web.Site;

var builder = WebApplication.CreateBuilder(args);
await builder.AddLedger();
builder.Services.AddSite();

var app = builder.Build();
app.MapLedger();
app.MapSite();
await app.RunAsync();
