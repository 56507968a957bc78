package dev.kiri.hbone.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.tls.TlsSettings.Engine;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.transport.NettyTransport.Kind;
import dev.kiri.hbone.tunnel.TunnelSettings;
import dev.kiri.hbone.tunnel.TunnelSettings.Records;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/// Every pinned case against this library's server, on real sockets, with both TLS engines over
/// every transport that this machine has.
final class ConformanceTest {
  private final List<AutoCloseable> subjects = new ArrayList<>();

  @TestFactory
  Stream<DynamicContainer> every_wire_case_holds() {
    return Stream.of(Kind.EPOLL, Kind.IO_URING)
        .filter(kind -> NettyTransport.choose(kind).kind() == kind)
        .flatMap(kind -> Stream.of(Engine.values()).map(engine -> over(kind, engine)));
  }

  /// Each pair is examined as the command does it: all cases on the same one.
  private DynamicContainer over(Kind kind, Engine engine) {
    var tls = TlsSettings.defaults().withEngine(engine);
    var server = subject(new SelfServer(kind, tls, settings(engine)));
    var client = subject(new SelfClient(kind, tls, settings(engine)));
    var ofServer =
        ServerCases.all().stream()
            .map(c -> DynamicTest.dynamicTest(c.toString(), () -> inTime(() -> holds(c, server))));
    var ofClient =
        ClientCases.all().stream()
            .map(c -> DynamicTest.dynamicTest(c.toString(), () -> inTime(() -> holds(c, client))));
    return DynamicContainer.dynamicContainer(
        engine + " over " + kind, Stream.concat(ofServer, ofClient));
  }

  private <T extends AutoCloseable> T subject(T made) {
    subjects.add(made);
    return made;
  }

  @AfterEach
  void close() throws Exception {
    for (var subject : subjects) {
      subject.close();
    }
  }

  /// A case that hangs tells where.
  private static void inTime(Executable examination) {
    assertTimeoutPreemptively(Duration.ofSeconds(60), examination);
  }

  private static TunnelSettings settings(Engine engine) {
    return TunnelSettings.DEFAULT
        .withRecords(engine == Engine.JDK ? Records.ENGINE : Records.DIRECT)
        .withTimes(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofMillis(700));
  }

  private static void holds(WireCase<ClientExam> each, SelfClient client) {
    assertThat(Main.examine(each, client))
        .as("expected %s", each.expected())
        .isInstanceOf(Outcome.Passed.class);
  }

  private static void holds(WireCase<ServerSubject> each, SelfServer server) {
    assertThat(each.run(server))
        .as("expected %s; the server's log: %s", each.expected(), server.log())
        .isInstanceOf(Outcome.Passed.class);
  }

  @Test
  void a_server_that_refuses_everything_fails_the_cases_that_want_bytes_back() {
    try (var server = new SelfServer(Kind.NIO, TlsSettings.defaults(), TunnelSettings.DEFAULT)) {
      var wrong =
          new GivenServer(
              server.tunnels(),
              server.authority(),
              null,
              server.client(),
              /* echo= */ server.denied(),
              /* denied= */ server.echo(),
              null,
              null,
              Duration.ofSeconds(1),
              null,
              false);
      var failed =
          ServerCases.all().stream()
              .filter(c -> List.of("1", "12", "14", "P6").contains(c.id()))
              .map(c -> c.run(wrong))
              .toList();
      assertThat(failed).hasSize(4).allMatch(o -> o instanceof Outcome.Failed);
    }
  }

  @Test
  void a_client_that_is_refused_by_its_server_fails_the_cases_that_want_a_tunnel() {
    try (var client = new SelfClient(Kind.NIO, TlsSettings.defaults(), TunnelSettings.DEFAULT)) {
      var wrong =
          new GivenClient(
              client.tunnels(),
              ExamAuthority.create("another"),
              client.server(),
              client.drive(),
              null,
              Duration.ofSeconds(1),
              null);
      var failed =
          ClientCases.all().stream()
              .filter(c -> List.of("C3", "C8", "C13", "CH1").contains(c.id()))
              .map(c -> Main.examine(c, wrong))
              .toList();
      assertThat(failed).hasSize(4).allMatch(o -> o instanceof Outcome.Failed);
    }
  }

  @Test
  void the_list_names_every_case_once() {
    var out = run(0, "list");
    var ids =
        Stream.concat(
                ServerCases.all().stream().map(WireCase::id),
                ClientCases.all().stream().map(WireCase::id))
            .toList();
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(out.lines()).hasSize(ids.size() + 2);
  }

  @Test
  void a_report_in_json_tells_expected_and_observed() {
    assertThat(run(0, "server", "--self", "--case", "2", "-o", "json"))
        .contains(
            "\"id\": \"2\"", "\"result\": \"passed\"", "\"observed\": \"400 with END_STREAM\"");
  }

  @Test
  void a_client_is_reported_like_a_server() {
    assertThat(run(0, "client", "--self", "--case", "C8"))
        .contains("passed   C8", "observed  question, answer", "1 cases: 1 passed, 0 failed");
  }

  @Test
  void what_is_not_understood_is_named() {
    assertThat(run(2, "server", "--target")).contains("--target needs a value");
    assertThat(run(2, "server", "--selv")).contains("there is no option --selv");
    assertThat(run(2, "server")).contains("without --self, --target is needed");
    assertThat(run(2, "server", "--target", "here", "--ca-cert", "x")).contains("--target here");
    assertThat(run(2, "server", "--self", "--case", "99")).contains("there is no case 99");
    assertThat(run(2, "client", "--listen", "127.0.0.1:0")).contains("--drive is needed");
    assertThat(run(2, "client", "--socks5", "127.0.0.1:1")).contains("--destination is needed");
    assertThat(run(2, "dance")).contains("there is no command dance");
    assertThat(run(2)).contains("a command is missing");
  }

  private static String run(int exit, String... arguments) {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    assertThat(Main.run(List.of(arguments), out, out)).isEqualTo(exit);
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
