package dev.kiri.redirect.agent;

import static dev.kiri.redirect.agent.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.rules.PodCapture;
import dev.kiri.redirect.zds.WorkloadInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The order of the steps and what a failing one leaves behind (istio
/// `cni/pkg/nodeagent/net_test.go`, `server_test.go`). What is done is noted, what fails is said
/// beforehand.
class EnrolmentTest {
  private final List<String> done = new ArrayList<>();
  private final Set<String> failing = new HashSet<>();
  private final NetnsCache cache = new NetnsCache();
  private boolean netnsKnown = true;
  private PodNetns self;
  private Enrolment enrolment;

  @BeforeEach
  void build() throws IOException {
    var home = HomeNetns.ofThisThread();
    self = PodNetns.open(Path.of("/proc/self/ns/net"), home);
    enrolment =
        new Enrolment(
            new NotedAnnotations(), this::findNetns, cache, new NotedCapture().capture(), true);
  }

  @AfterEach
  void close() {
    self.close();
  }

  @Test
  void a_pod_is_added_in_this_order() {
    assertThat(enrolment.add(pod().build(), null)).isEqualTo(new Outcome.Done());

    assertThat(done).containsExactly("apply", "tell add", "probe add", "annotate ENABLED");
    assertThat(cache.snapshot()).hasSize(1);
  }

  @Test
  void without_ztunnel_it_is_pending_and_not_in_the_probe_set() {
    failing.add("tell add");

    assertThat(enrolment.add(pod().build(), null)).isInstanceOf(Outcome.TryAgain.class);

    assertThat(done).containsExactly("apply", "annotate PENDING");
  }

  @Test
  void when_the_rules_fail_ztunnel_is_not_told_and_nothing_is_written() {
    failing.add("apply");

    assertThat(enrolment.add(pod().build(), null)).isInstanceOf(Outcome.TryAgain.class);

    assertThat(done).isEmpty();
    assertThat(cache.snapshot()).isEmpty();
  }

  @Test
  void without_a_namespace_nothing_happens() {
    netnsKnown = false;

    assertThat(enrolment.add(pod().build(), null)).isInstanceOf(Outcome.TryAgain.class);

    assertThat(done).isEmpty();
    assertThat(cache.snapshot()).isEmpty();
  }

  @Test
  void when_the_probe_set_fails_the_pod_is_not_enabled() {
    failing.add("probe add");

    assertThat(enrolment.add(pod().build(), null)).isInstanceOf(Outcome.TryAgain.class);

    assertThat(done).containsExactly("apply", "tell add");
  }

  @Test
  void a_pod_is_removed_in_this_order() {
    enrolment.add(pod().build(), null);
    done.clear();

    assertThat(enrolment.remove(pod().build(), false)).isEqualTo(new Outcome.Done());

    assertThat(done)
        .containsExactly("probe remove", "retire", "tell delete", "remove", "annotate NONE");
    assertThat(cache.snapshot()).isEmpty();
  }

  @Test
  void the_rules_of_a_pod_that_is_gone_are_not_looked_for() {
    enrolment.add(pod().build(), null);
    done.clear();

    assertThat(enrolment.remove(pod().build(), true)).isEqualTo(new Outcome.Done());

    assertThat(done).containsExactly("probe remove", "tell delete", "annotate NONE");
  }

  @Test
  void when_ztunnel_fails_the_annotation_stays_and_the_next_try_does_all_of_it() {
    enrolment.add(pod().build(), null);
    done.clear();
    failing.add("tell delete");

    assertThat(enrolment.remove(pod().build(), false)).isInstanceOf(Outcome.TryAgain.class);
    assertThat(done).containsExactly("probe remove", "retire");
    assertThat(cache.snapshot()).as("no newcomer is told of it").isEmpty();

    failing.clear();
    done.clear();
    assertThat(enrolment.remove(pod().build(), false)).isEqualTo(new Outcome.Done());
    assertThat(done)
        .containsExactly("probe remove", "retire", "tell delete", "remove", "annotate NONE");
  }

  @Test
  void an_annotation_that_cannot_be_removed_matters_only_while_the_pod_exists() {
    failing.add("annotate NONE");

    assertThat(enrolment.remove(pod().build(), false)).isInstanceOf(Outcome.TryAgain.class);
    assertThat(enrolment.remove(pod().build(), true)).isEqualTo(new Outcome.Done());
  }

  @Test
  void an_enrolled_pod_that_is_all_there_is_only_looked_at() {
    enrolment.add(pod().build(), null);
    done.clear();

    verify();

    assertThat(done).containsExactly("apply");
  }

  @Test
  void an_enrolled_pod_whose_namespace_is_found_at_last_is_enrolled_anew() {
    cache.ensure(Pods.UID, pod().build().workload());

    verify();

    assertThat(done).containsExactly("apply", "tell add", "probe add", "annotate ENABLED");
  }

  private void verify() {
    var decision =
        new EnrolmentDecision(List.of(), new EnrolmentDecision.Step.Verify(pod().build()));
    assertThat(enrolment.carryOut(pod().build(), decision)).isEqualTo(new Outcome.Done());
  }

  private void note(String step) throws IOException {
    if (failing.contains(step)) {
      throw new IOException(step + " was told to fail");
    }
    done.add(step);
  }

  private Map<String, PodNetns> findNetns(Collection<Pod> pods) throws IOException {
    var found = new HashMap<String, PodNetns>();
    if (netnsKnown) {
      for (var pod : pods) {
        found.put(pod.uid(), self.share());
      }
    }
    return found;
  }

  private final class NotedCapture implements Capture.Rules, Capture.Ztunnel {
    Capture capture() {
      return new Capture(this, new NotedProbes(), this);
    }

    @Override
    public boolean apply(PodNetns netns, PodCapture capture) throws IOException {
      note("apply");
      return true;
    }

    @Override
    public void retire(PodNetns netns) throws IOException {
      note("retire");
    }

    @Override
    public void remove(PodNetns netns) throws IOException {
      note("remove");
    }

    @Override
    public void add(String uid, WorkloadInfo workload, PodNetns netns) throws IOException {
      note("tell add");
    }

    @Override
    public void delete(String uid) throws IOException {
      note("tell delete");
    }
  }

  private final class NotedProbes implements Capture.Probes {
    @Override
    public void add(Collection<InetAddress> addresses, String uid) throws IOException {
      note("probe add");
    }

    @Override
    public void remove(Collection<InetAddress> addresses, String uid) throws IOException {
      note("probe remove");
    }

    @Override
    public boolean reassert() {
      return false;
    }
  }

  private final class NotedAnnotations implements PodSource {
    @Override
    public void start(Listener listener) {}

    @Override
    public NodeView view() {
      return NodeView.EMPTY;
    }

    @Override
    public void annotate(Pod pod, Redirection state) throws IOException {
      note("annotate " + state);
    }

    @Override
    public void explain(Pod pod, String why) throws IOException {
      note("explain " + why);
    }

    @Override
    public void close() {}
  }
}
