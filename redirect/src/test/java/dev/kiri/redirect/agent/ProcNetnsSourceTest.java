package dev.kiri.redirect.agent;

import static dev.kiri.redirect.agent.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.Namespaces;
import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Finding namespaces in a made-up `/proc` whose namespace files are real (istio
/// `cni/pkg/nodeagent/podcgroupns_test.go`).
class ProcNetnsSourceTest {
  private static final String WEB = "192.0.2.11";

  @TempDir private Path proc;
  private HomeNetns home;
  private PodNetns host;
  private PodNetns one;
  private PodNetns other;

  @BeforeEach
  void build() throws IOException {
    home = HomeNetns.ofThisThread();
    host = Namespaces.create(home);
    one = Namespaces.create(home);
    other = Namespaces.create(home);
    process(1, host, "/init.scope", 1, "10.0.0.1");
  }

  @AfterEach
  void close() {
    host.close();
    one.close();
    other.close();
  }

  @Test
  void the_namespace_of_the_oldest_process_wins() throws Exception {
    process(20, one, podCgroup("aaa"), 70298999, WEB);
    process(21, other, podCgroup("bbb"), 70298968, WEB);

    assertThat(found()).isEqualTo(other.id().toString());
  }

  @Test
  void the_nodes_own_namespace_is_never_taken() throws Exception {
    process(20, host, podCgroup("aaa"), 70298999, WEB);

    assertThat(found()).isEqualTo("none");
  }

  @Test
  void a_process_that_sits_in_a_foreign_namespace_does_not_count() throws Exception {
    process(20, other, podCgroup("aaa"), 1, "192.0.2.99");
    process(21, one, podCgroup("aaa"), 2, WEB);

    assertThat(found()).isEqualTo(one.id().toString());
  }

  @Test
  void one_address_is_enough_also_of_ipv6() throws Exception {
    process(20, one, podCgroup("aaa"), 1, "192.0.2.99");
    Files.writeString(
        proc.resolve("20/net/if_inet6"), "20010db8000000000000000000000011 02 40 00 80     eth0\n");

    var pod = pod().ips("203.0.113.1", "2001:db8::11").build();

    assertThat(new ProcNetnsSource(proc, home).find(List.of(pod))).hasSize(1);
  }

  @Test
  void processes_that_end_meanwhile_are_passed_over() throws Exception {
    Files.createDirectories(proc.resolve("19"));
    process(20, one, podCgroup("aaa"), 1, WEB);

    assertThat(found()).isEqualTo(one.id().toString());
  }

  @Test
  void a_name_with_brackets_and_blanks_does_not_hide_the_start_time() throws Exception {
    process(20, one, podCgroup("aaa"), 4711, WEB);

    assertThat(ProcNetnsSource.startTime(proc.resolve("20"))).isEqualTo(4711);
  }

  private String found() throws IOException {
    var netns = new ProcNetnsSource(proc, home).find(pod().ips(WEB).build());
    if (netns == null) {
      return "none";
    }
    try (netns) {
      return netns.id().toString();
    }
  }

  private static String podCgroup(String container) {
    return "/kubepods/pod" + Pods.UID + "/" + container;
  }

  private void process(int pid, PodNetns netns, String cgroup, long start, String address)
      throws IOException {
    var folder = proc.resolve(Integer.toString(pid));
    Files.createDirectories(folder.resolve("ns"));
    Files.createDirectories(folder.resolve("net"));
    Files.createSymbolicLink(
        folder.resolve("ns/net"),
        netns.withDescriptor(fd -> Path.of("/proc/self/fd/" + fd.number())));
    Files.writeString(folder.resolve("cgroup"), "0::" + cgroup + "\n");
    Files.writeString(
        folder.resolve("stat"), pid + " (a) b (c)) S" + " 0".repeat(18) + " " + start + " 0 0\n");
    Files.writeString(
        folder.resolve("net/fib_trie"),
        "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- %s\n        /32 host LOCAL\n".formatted(address));
  }
}
