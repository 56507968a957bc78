package dev.kiri.controlplane.caller;

/// A service account that has proven itself.
///
/// @param podName the pod the token is bound to; empty for an unbound token and for a certificate
/// @param podUid UID of that pod, or empty
/// @param proof how it has proven itself, for logs
public record Caller(
    String namespace, String serviceAccount, String podName, String podUid, Proof proof) {
  /// What a caller showed.
  public enum Proof {
    TOKEN,
    CERTIFICATE
  }

  /// `namespace/account`, the form of lists of trusted accounts.
  public String account() {
    return namespace + "/" + serviceAccount;
  }

  @Override
  public String toString() {
    return account() + (podName.isEmpty() ? "" : " (pod " + podName + ")");
  }
}
