package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.ca.RootStore;
import dev.kiri.controlplane.caller.TokenCheck;
import dev.kiri.controlplane.platform.Platform;
import dev.kiri.controlplane.source.Leadership;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.source.ObjectWriter;
import java.util.Set;

/// A Kubernetes cluster.
public final class KubernetesPlatform implements Platform {
  private final KubernetesApi api;
  private final AppliedStatuses statuses = new AppliedStatuses();
  private final KubernetesSource source;
  private final TokenCheck tokens;
  private final RootStore root;
  private final Leadership leadership;

  /// @param namespace where the root and the leader's Lease are
  /// @param identity of this control plane among those that may lead: the pod's name
  public KubernetesPlatform(String namespace, String identity, Set<String> audiences) {
    this(
        KubernetesApi.ofEnvironment(), namespace, identity, audiences, LeaseLeadership.Times.USUAL);
  }

  KubernetesPlatform(
      KubernetesApi api,
      String namespace,
      String identity,
      Set<String> audiences,
      LeaseLeadership.Times times) {
    this.api = api;
    this.source = new KubernetesSource(api, statuses);
    this.tokens = new ReviewedTokens(api, audiences);
    this.root = new SecretRoot(api, namespace);
    this.leadership = new LeaseLeadership(api.client(), namespace, identity, times);
  }

  @Override
  public ObjectSource source() {
    return source;
  }

  @Override
  public ObjectWriter writer() {
    return new KubernetesWriter(api, statuses);
  }

  @Override
  public TokenCheck tokens() {
    return tokens;
  }

  @Override
  public RootStore root() {
    return root;
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public void close() {
    leadership.close();
    source.close();
    api.close();
  }
}
