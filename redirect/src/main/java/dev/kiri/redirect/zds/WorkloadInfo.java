package dev.kiri.redirect.zds;

/// Who runs in a pod: what ztunnel needs to find its identity and its workload.
public record WorkloadInfo(String name, String namespace, String serviceAccount) {
  @Override
  public String toString() {
    return namespace + "/" + name + " as " + serviceAccount;
  }
}
