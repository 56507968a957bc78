package dev.kiri.redirect.agent;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.NetnsId;
import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds pods' namespaces by looking at every process of the node: the control group names the pod,
/// and the namespace is believed only when an interface in it has one of the pod's addresses. Of
/// several, that of the oldest process wins. The node's own namespace is never taken.
final class ProcNetnsSource implements NetnsSource {
  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");

  private final Path proc;
  private final HomeNetns home;

  /// Over a mount of the node's `/proc`.
  ProcNetnsSource(Path proc, HomeNetns home) {
    this.proc = proc;
    this.home = home;
  }

  private record Candidate(PodNetns netns, long startTime) {}

  @Override
  public Map<String, PodNetns> find(Collection<Pod> pods) throws IOException {
    var wanted = pods.stream().collect(Collectors.toMap(Pod::uid, Function.identity()));
    var best = new HashMap<String, Candidate>();
    var taken = new HashSet<NetnsId>();
    if (!wanted.isEmpty()) {
      try (var host = PodNetns.open(proc.resolve("1/ns/net"), home)) {
        taken.add(host.id());
      }
      for (var process : processes()) {
        look(process, wanted, best, taken);
      }
    }
    var found = new HashMap<String, PodNetns>();
    best.forEach((uid, candidate) -> found.put(uid, candidate.netns()));
    return found;
  }

  private List<Path> processes() throws IOException {
    var processes = new ArrayList<Path>();
    try (var entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      entries.forEach(processes::add);
    } catch (DirectoryIteratorException failed) {
      throw failed.getCause();
    }
    return processes;
  }

  private void look(
      Path process, Map<String, Pod> wanted, Map<String, Candidate> best, Set<NetnsId> taken) {
    try {
      var cgroup = CgroupText.parse(Files.readString(process.resolve("cgroup")));
      var pod = cgroup == null ? null : wanted.get(cgroup.podUid());
      if (pod == null) {
        return;
      }
      var netns = PodNetns.open(process.resolve("ns/net"), home);
      if (taken.contains(netns.id()) || !ProcAddresses.of(process).containsAnyOf(pod.ips())) {
        netns.close();
        return;
      }
      taken.add(netns.id());
      keepOlder(pod, new Candidate(netns, startTime(process)), best);
    } catch (IOException | RuntimeException gone) {
      // Processes end while one looks at them.
      LOG.debug("process {} skipped: {}", process.getFileName(), gone.toString());
    }
  }

  private static void keepOlder(Pod pod, Candidate candidate, Map<String, Candidate> best) {
    var other = best.get(pod.uid());
    if (other == null) {
      best.put(pod.uid(), candidate);
      return;
    }
    LOG.warn("found more than one netns for pod {}", pod);
    var isOlder = candidate.startTime() <= other.startTime();
    (isOlder ? other : candidate).netns().close();
    best.put(pod.uid(), isOlder ? candidate : other);
  }

  /// Field 22 of `/proc/<pid>/stat`; the name in the second field may contain anything.
  static long startTime(Path process) throws IOException {
    var stat = Files.readString(process.resolve("stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split("\\s+");
    if (fields.length < 20) {
      throw new IOException("stat has too few fields");
    }
    return Long.parseLong(fields[19]);
  }
}
