package dev.kiri.redirect.rules;

/// The chains of a table: two that the kernel enters, two that those jump to.
public enum RuleChain {
  PREROUTING("prerouting", true),
  OUTPUT("output", true),
  ISTIO_PREROUTING("istio-prerouting", false),
  ISTIO_OUTPUT("istio-output", false);

  private final String nftName;
  private final boolean base;

  RuleChain(String nftName, boolean base) {
    this.nftName = nftName;
    this.base = base;
  }

  String nftName() {
    return nftName;
  }

  boolean isBase() {
    return base;
  }
}
