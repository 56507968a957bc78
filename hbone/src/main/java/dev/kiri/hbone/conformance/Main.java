package dev.kiri.hbone.conformance;

import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// `./kiri hbone-conformance`: examines a server of HBONE, ours or another.
public final class Main {
  private static final String USAGE =
      """
      Examines an implementation of HBONE on the wire.

      Usage: ./kiri hbone-conformance COMMAND [OPTIONS]

      Commands
        list                      show every case and what it expects
        server --self             start this library's server and examine it
        server --target IP:PORT   examine a server that runs already

      Options of server
        --ca-cert FILE --ca-key FILE     an issuer that the server trusts (PEM); clients are issued by it
        --second-ca-cert, --second-ca-key  another that it trusts as well
        --client SPIFFE_ID               who the client is (spiffe://cluster.local/ns/default/sa/client)
        --echo AUTHORITY                 an application behind the server that sends back what it gets
        --denied AUTHORITY               one that policy keeps the client from
        --closing AUTHORITY              one that resets every connection
        --named HOST:PORT                a service that leads to the echo application
        --response-baggage on|off        whether answers describe their workload
        --handshake-limit SECONDS        how long the server lets a handshake take
        --limit SECONDS                  the longest wait for one answer (10)
        --case ID                        only this case
        --engine boringssl|jdk           with --self: what runs TLS
        --transport epoll|io_uring|nio   with --self: what carries sockets
        -o text|json                     how to report

      Examples
        ./kiri hbone-conformance list
        ./kiri hbone-conformance server --self
        ./kiri hbone-conformance server --self --engine jdk --case H1 -o json
        ./kiri hbone-conformance server --target 10.244.1.5:15008 --echo 10.244.1.5:8080 \\
          --ca-cert ca.pem --ca-key ca-key.pem

      Exit codes: 0 no case failed, 1 a case failed, 2 not understood.
      A case whose option is missing is skipped.
      """;

  private Main() {}

  /// Ends the process.
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments), System.out, System.err));
  }

  /// The exit code.
  static int run(List<String> arguments, PrintStream out, PrintStream err) {
    try {
      var command = arguments.isEmpty() ? "" : arguments.getFirst();
      var options = new Options(arguments.subList(Math.min(1, arguments.size()), arguments.size()));
      if (options.has("--help") || options.has("-h") || List.of("--help", "-h").contains(command)) {
        out.print(USAGE);
        return 0;
      }
      return switch (command) {
        case "list" -> list(out);
        case "server" -> server(options, out);
        case "" -> throw new IllegalArgumentException("a command is missing");
        default -> throw new IllegalArgumentException("there is no command " + command);
      };
    } catch (IllegalArgumentException e) {
      err.println("hbone-conformance: " + e.getMessage());
      err.println("hbone-conformance --help tells what there is");
      return 2;
    }
  }

  private static int list(PrintStream out) {
    for (var each : ServerCases.all()) {
      out.printf("%-4s %s: %s%n", each.id(), each.title(), each.expected());
    }
    return 0;
  }

  private static int server(Options options, PrintStream out) {
    boolean json = options.choice("-o", "text", "json").equals("json");
    var cases = chosen(options);
    var lines = new ArrayList<Report.Line>();
    try (ServerSubject subject = options.has("--self") ? self(options) : options.server()) {
      for (var each : cases) {
        var line = new Report.Line(each, each.run(subject));
        lines.add(line);
        if (!json) {
          out.print(Report.text(line));
        }
      }
    }
    var report = new Report(List.copyOf(lines));
    out.print(json ? report.json() : report.summary());
    return report.clean() ? 0 : 1;
  }

  private static List<WireCase> chosen(Options options) {
    var only = options.get("--case");
    var cases =
        ServerCases.all().stream().filter(c -> only == null || c.id().equals(only)).toList();
    if (cases.isEmpty()) {
      throw new IllegalArgumentException("there is no case " + only + "; list shows all");
    }
    return cases;
  }

  private static SelfServer self(Options options) {
    var transport =
        switch (options.choice("--transport", "epoll", "io_uring", "nio")) {
          case "io_uring" -> NettyTransport.Kind.IO_URING;
          case "nio" -> NettyTransport.Kind.NIO;
          default -> NettyTransport.Kind.EPOLL;
        };
    boolean jdk =
        options.has("--engine") && options.choice("--engine", "boringssl", "jdk").equals("jdk");
    var tls = TlsSettings.defaults();
    return new SelfServer(
        transport,
        jdk ? tls.withEngine(TlsSettings.Engine.JDK) : tls,
        TunnelSettings.DEFAULT.withTimes(
            Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(2)));
  }
}
