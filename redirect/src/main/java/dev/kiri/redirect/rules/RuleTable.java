package dev.kiri.redirect.rules;

/// The three tables of a pod, in the order in which they are written.
public enum RuleTable {
  NAT("istio-ambient-nat"),
  MANGLE("istio-ambient-mangle"),
  RAW("istio-ambient-raw");

  private final String nftName;

  RuleTable(String nftName) {
    this.nftName = nftName;
  }

  /// Its name in nftables, family `inet`.
  public String nftName() {
    return nftName;
  }
}
