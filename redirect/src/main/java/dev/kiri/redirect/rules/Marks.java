package dev.kiri.redirect.rules;

/// Marks and ports that the rules and ztunnel agree on; upstream's.
public final class Marks {
  /// On every packet of ztunnel's own sockets.
  public static final int PROXY = 0x539;

  /// On connections that ztunnel opened to the application, and on the answers to them, which a
  /// routing rule brings back to ztunnel.
  public static final int REPLY = 0x111;

  /// The bits of a mark that are ours.
  public static final int MASK = 0xfff;

  /// Routing table of the answers, and the priority of the rule that names it.
  public static final int ROUTE_TABLE = 100;

  static final int ROUTE_RULE_PRIORITY = 32764;

  public static final int OUTBOUND_PORT = 15001;
  public static final int PLAINTEXT_PORT = 15006;
  public static final int HBONE_PORT = 15008;
  public static final int DNS_PROXY_PORT = 15053;
  static final int DNS_PORT = 53;

  /// Conntrack zone of ztunnel's own lookups, whose source ports could meet the application's.
  static final int DNS_ZONE = 1;

  private Marks() {}
}
