package dev.kiri.cli;

import dev.kiri.cli.explain.Journey;
import dev.kiri.cli.explain.Question;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.cli.output.Format;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `kirictl explain`: what would become of a connection, as the proxies on its way decide it.
///
/// Exit codes: 0 when it would be carried, [#REFUSED] when it would not, 1 when nobody could be
/// asked, 64 for a command line that makes no sense.
@Command(
    name = "explain",
    description = {
      "Tells what would become of a connection: what each proxy on its way decides, and why.",
      "Nothing is opened; the decisions are those of the proxies that run."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kirictl explain web-5b7c8d6f9-kk4rd.shop catalog:80",
      "  kirictl explain deploy/web -n shop 10.96.44.7:8080",
      "  kirictl explain deploy/web.shop catalog.shop:80 --method POST --path /orders",
      "  kirictl explain deploy/web.shop catalog:80 --header x-user:ada -o json",
      "",
      "Exit codes: 0 it would be carried, 2 it would be refused, 1 nobody could be asked."
    })
final class ExplainCommand implements Callable<Integer> {
  /// The connection would not get through.
  static final int REFUSED = 2;

  private final Kirictl root;

  @Parameters(
      index = "0",
      paramLabel = "FROM",
      description = "[TYPE/]NAME[.NAMESPACE] of the pod that connects")
  private String from = "";

  @Parameters(
      index = "1",
      paramLabel = "TO",
      description =
          "HOST:PORT, as a program in the pod would write it, ADDRESS:PORT, [IPV6]:PORT or"
              + " NAMESPACE/POD:PORT")
  private String to = "";

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "GET",
      description = "of the request, where a waypoint is on the way (default: ${DEFAULT-VALUE})")
  private String method = "GET";

  @Option(
      names = "--path",
      paramLabel = "PATH",
      defaultValue = "/",
      description = "of the request, with its query (default: ${DEFAULT-VALUE})")
  private String path = "/";

  @Option(
      names = "--header",
      paramLabel = "NAME:VALUE",
      description = "of the request; may be given several times")
  private List<String> headers = List.of();

  @Option(
      names = "--authority",
      paramLabel = "HOST",
      description = "of the request (default: the service's host name)")
  private @Nullable String authority;

  @Option(
      names = "--server-name",
      paramLabel = "HOST",
      description = "that the client's TLS hello names, where the port carries bytes")
  private @Nullable String serverName;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "short",
      description = "short, json or yaml")
  private String output = "short";

  @Option(
      names = "--proxy-admin-port",
      paramLabel = "PORT",
      defaultValue = "15000",
      description = "admin port of the proxies (default: ${DEFAULT-VALUE})")
  private int adminPort = 15000;

  ExplainCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    var format = Format.parse(output);
    var question = Question.of(to, method, path, headers, authority, serverName);
    if (adminPort < 1 || adminPort > 65_535) {
      throw CommandFailed.because("port number " + adminPort + " must be in the range 1..65535");
    }
    var cluster = root.cluster();
    var proxies = new Ztunnels(cluster, root.namespace(), root.istioNamespace(), adminPort);
    var journey = new Journey(cluster, proxies::servant, adminPort);
    var explanation = journey.of(proxies.pod(from), question);
    root.print(format == Format.SHORT ? explanation.text() : format.text(explanation.tree()));
    return explanation.carried() ? 0 : REFUSED;
  }
}
