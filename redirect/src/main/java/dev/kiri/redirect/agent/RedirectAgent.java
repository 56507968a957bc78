package dev.kiri.redirect.agent;

import dev.kiri.ops.admin.AdminResponse;
import dev.kiri.ops.admin.AdminServer;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.ops.readiness.Readiness;
import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.rules.HostRules;
import dev.kiri.redirect.rules.PodCapture;
import dev.kiri.redirect.rules.PodRules;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.redirect.zds.ZdsServer;
import dev.kiri.redirect.zds.ZdsTimings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node agent put together: construction order is start order. Closing it leaves every pod and
/// the node as they are, so that traffic goes on until the next agent takes over.
final class RedirectAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");

  private final AdminServer monitoring;
  private final AdminServer health;
  private final ZdsServer zds;
  private final NodeAgent agent;

  private RedirectAgent(
      AdminServer monitoring, AdminServer health, ZdsServer zds, NodeAgent agent) {
    this.monitoring = monitoring;
    this.health = health;
    this.zds = zds;
    this.agent = agent;
  }

  static RedirectAgent start(AgentSettings settings, HomeNetns home, Preflight.Report.Ready machine)
      throws IOException {
    var metrics = new Metrics().withProcess("istio-cni", "kiri");
    var readiness = new Readiness();
    var watching = readiness.task("watching pods");
    var monitoring =
        AdminServer.named("metrics")
            .route("GET", "/metrics", metrics.handler())
            .start(new InetSocketAddress(settings.monitoringPort()));
    var health =
        AdminServer.named("health")
            .route("GET", "/healthz", _ -> AdminResponse.text(200, "ok\n"))
            .route(
                "GET",
                "/readyz",
                _ ->
                    readiness.ready()
                        ? AdminResponse.text(200, "ok\n")
                        : AdminResponse.text(503, "not ready: " + readiness.pending() + "\n"))
            .start(new InetSocketAddress(settings.healthPort()));
    var agentMetrics = new AgentMetrics(metrics);
    var ztunnels = new LoggingZdsObserver(agentMetrics);
    var zds = ZdsServer.listen(settings.zdsSocket(), ZdsTimings.upstream(), ztunnels);
    var cache = new NetnsCache();
    var hostRules = new HostRules(machine.commands(), machine.settings());
    var probes = probes(hostRules);
    var pods = new FolderPodSource(settings.node(), settings.objects(), settings.overlay());
    var namespaces =
        settings.netnsFolder() != null
            ? new DirectoryNetnsSource(settings.netnsFolder(), home)
            : new ProcNetnsSource(settings.proc(), home);
    var capture =
        new Capture(
            rules(new PodRules(machine.commands(), machine.settings()), agentMetrics),
            probes,
            ztunnel(zds));
    var enrolment = new Enrolment(pods, namespaces, cache, capture, settings.dnsCapture());
    var agent =
        new NodeAgent(
            pods, namespaces, cache, settings.eligibility(), enrolment, probes, agentMetrics);
    ztunnels.afterSnapshot(agent::ztunnelCame);
    var enrolled = agent.start();
    exemptProbes(hostRules, enrolled);
    LOG.info("{} pods are enrolled already", enrolled.size());
    agent.run(settings.reconcileInterval());
    zds.accept(cache::snapshot);
    watching.done();
    return new RedirectAgent(monitoring, health, zds, agent);
  }

  /// Takes up the probe exemption where the agent before left it. As long as a pod's address is not
  /// known, nothing is pruned: it could be that pod's (istio#60469).
  private static void exemptProbes(HostRules host, List<Pod> enrolled) throws IOException {
    var owners = new HashMap<InetAddress, String>();
    enrolled.forEach(pod -> pod.ips().forEach(address -> owners.put(address, pod.uid())));
    host.start(owners, enrolled.stream().noneMatch(pod -> pod.ips().isEmpty()));
  }

  private static Capture.Probes probes(HostRules host) {
    return new Capture.Probes() {
      @Override
      public void add(Collection<InetAddress> addresses, String uid) throws IOException {
        host.add(addresses, uid);
      }

      @Override
      public void remove(Collection<InetAddress> addresses, String uid) throws IOException {
        host.remove(addresses, uid);
      }

      @Override
      public boolean reassert() throws IOException {
        return host.reassert();
      }
    };
  }

  private static Capture.Rules rules(PodRules rules, AgentMetrics metrics) {
    return new Capture.Rules() {
      @Override
      public boolean apply(PodNetns netns, PodCapture capture) throws IOException {
        var applied = rules.apply(netns, capture) == PodRules.Change.APPLIED;
        if (applied) {
          metrics.rulesApplied();
        }
        return applied;
      }

      @Override
      public void retire(PodNetns netns) throws IOException {
        rules.retire(netns);
      }

      @Override
      public void remove(PodNetns netns) throws IOException {
        rules.remove(netns);
      }
    };
  }

  private static Capture.Ztunnel ztunnel(ZdsServer zds) {
    return new Capture.Ztunnel() {
      @Override
      public void add(String uid, WorkloadInfo workload, PodNetns netns) throws IOException {
        zds.add(uid, workload, netns);
      }

      @Override
      public void delete(String uid) throws IOException {
        zds.delete(uid);
      }
    };
  }

  @Override
  public void close() {
    agent.close();
    zds.close();
    health.close();
    monitoring.close();
  }
}
