package dev.kiri.hbone.conformance;

import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// `./kiri hbone-conformance`: examines a server or a client of HBONE, ours or another.
public final class Main {
  private static final String USAGE =
      """
      Examines an implementation of HBONE on the wire.

      Usage: ./kiri hbone-conformance COMMAND [OPTIONS]

      Commands
        list                      show every case and what it expects
        server --self             start this library's server and examine it
        server --target IP:PORT   examine a server that runs already
        client --self             start this library's client and examine it
        client --listen IP:PORT   listen for tunnels and examine the client that dials them

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

      Options of client
        --ca-cert FILE --ca-key FILE     an issuer that the client trusts (PEM); the server is issued by it
        --server SPIFFE_ID               whom it expects (spiffe://cluster.local/ns/default/sa/server)
        --drive IP:PORT                  where a connection makes the client open a stream to --listen
        --socks5 IP:PORT --destination IP:PORT  the same by a SOCKS5 proxy
        --handshake-limit SECONDS        how long the client lets a handshake take

      Options of both
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
        ./kiri hbone-conformance client --listen 10.244.1.5:15008 --drive 127.0.0.1:8080 \\
          --ca-cert ca.pem --ca-key ca-key.pem

      Exit codes: 0 no case failed, 1 a case failed, 2 not understood.
      A case whose option is missing is skipped.
      """;

  // a case waits for the end of a handshake's limit
  private static final TunnelSettings SETTINGS =
      TunnelSettings.DEFAULT.withTimes(
          Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(2));

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
        case "client" -> client(options, out);
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
    out.println("server");
    list(ServerCases.all(), out);
    out.println("client");
    list(ClientCases.all(), out);
    return 0;
  }

  private static <S> void list(List<WireCase<S>> cases, PrintStream out) {
    for (var each : cases) {
      out.printf("  %-4s %s: %s%n", each.id(), each.title(), each.expected());
    }
  }

  private static int server(Options options, PrintStream out) {
    var cases = chosen(ServerCases.all(), options);
    try (ServerSubject subject = options.has("--self") ? selfServer(options) : options.server()) {
      return examine(cases, each -> each.run(subject), options, out);
    }
  }

  private static int client(Options options, PrintStream out) {
    var cases = chosen(ClientCases.all(), options);
    try (ClientSubject subject = options.has("--self") ? selfClient(options) : options.client()) {
      return examine(cases, each -> examine(each, subject), options, out);
    }
  }

  static Outcome examine(WireCase<ClientExam> each, ClientSubject subject) {
    try (var exam = new ClientExam(subject)) {
      return each.run(exam);
    } catch (IOException e) {
      return new Outcome.Failed("after the case: " + e.getMessage());
    }
  }

  private static <S> int examine(
      List<WireCase<S>> cases,
      Function<WireCase<S>, Outcome> run,
      Options options,
      PrintStream out) {
    boolean json = options.choice("-o", "text", "json").equals("json");
    var lines = new ArrayList<Report.Line>();
    for (var each : cases) {
      var line = new Report.Line(each, run.apply(each));
      lines.add(line);
      if (!json) {
        out.print(Report.text(line));
      }
    }
    var report = new Report(List.copyOf(lines));
    out.print(json ? report.json() : report.summary());
    return report.clean() ? 0 : 1;
  }

  private static <S> List<WireCase<S>> chosen(List<WireCase<S>> all, Options options) {
    var only = options.get("--case");
    var cases = all.stream().filter(c -> only == null || c.id().equals(only)).toList();
    if (cases.isEmpty()) {
      throw new IllegalArgumentException("there is no case " + only + "; list shows all");
    }
    return cases;
  }

  private static SelfServer selfServer(Options options) {
    return new SelfServer(transport(options), tls(options), SETTINGS);
  }

  private static SelfClient selfClient(Options options) {
    return new SelfClient(transport(options), tls(options), SETTINGS);
  }

  private static NettyTransport.Kind transport(Options options) {
    return switch (options.choice("--transport", "epoll", "io_uring", "nio")) {
      case "io_uring" -> NettyTransport.Kind.IO_URING;
      case "nio" -> NettyTransport.Kind.NIO;
      default -> NettyTransport.Kind.EPOLL;
    };
  }

  private static TlsSettings tls(Options options) {
    boolean jdk =
        options.has("--engine") && options.choice("--engine", "boringssl", "jdk").equals("jdk");
    var tls = TlsSettings.defaults();
    return jdk ? tls.withEngine(TlsSettings.Engine.JDK) : tls;
  }
}
