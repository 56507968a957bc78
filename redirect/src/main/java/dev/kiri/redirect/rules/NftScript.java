package dev.kiri.redirect.rules;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A [RuleSet] as text for `nft -f -`: one transaction that puts exactly these rules in place of
/// whatever our tables held. Pure.
///
/// @param text the transaction
/// @param marker what the comment of one rule in each table says, to recognise the rules in force
public record NftScript(String text, String marker) {
  /// Starts every marker.
  static final String MARKER_PREFIX = "mesh-cfg:";

  private static final int MARKER_BYTES = 6;

  /// The transaction that puts the rules in place.
  public static NftScript apply(RuleSet set) {
    var body = body(set, "");
    var marker = markerOf(body);
    return new NftScript(deletions() + body(set, " comment \"" + marker + "\""), marker);
  }

  /// The transaction that takes new connections out of the mesh and lets the old ones live: with
  /// the kernel's own chains in place, the addresses of connections already redirected are still
  /// translated.
  public static String retire() {
    return Stream.of(RuleChain.values())
        .filter(chain -> !chain.isBase())
        .map(
            chain ->
                addTable(RuleTable.NAT)
                    + "add chain inet %s %s\nflush chain inet %s %s\n"
                        .formatted(
                            RuleTable.NAT.nftName(),
                            chain.nftName(),
                            RuleTable.NAT.nftName(),
                            chain.nftName()))
        .collect(Collectors.joining());
  }

  /// The transaction that leaves nothing of ours.
  public static String remove() {
    return deletions();
  }

  /// A short hash of a text, as the comment of a rule carries it.
  static String markerOf(String text) {
    try {
      var digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return MARKER_PREFIX + HexFormat.of().formatHex(digest, 0, MARKER_BYTES);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  // Deleting what may not be there fails the transaction, and `destroy` needs nft 1.0.7.
  private static String deletions() {
    return Stream.of(RuleTable.values())
        .map(table -> addTable(table) + "delete table inet " + table.nftName() + "\n")
        .collect(Collectors.joining());
  }

  private static String addTable(RuleTable table) {
    return "add table inet " + table.nftName() + "\n";
  }

  private static String body(RuleSet set, String comment) {
    var text = new StringBuilder();
    for (var table : RuleTable.values()) {
      var rules = set.of(table);
      if (!rules.isEmpty()) {
        text.append(addTable(table));
        chains(rules).forEach(chain -> text.append(addChain(table, chain)));
        var first = comment;
        for (var rule : rules) {
          text.append(addRule(rule, first));
          first = "";
        }
      }
    }
    return text.toString();
  }

  /// The chains that have rules or are jumped to, the kernel's first.
  private static List<RuleChain> chains(List<Rule> rules) {
    return Stream.of(RuleChain.values())
        .filter(
            chain ->
                rules.stream()
                    .anyMatch(
                        rule ->
                            rule.chain() == chain
                                || rule.target() instanceof Target.Jump(var to) && to == chain))
        .toList();
  }

  private static String addChain(RuleTable table, RuleChain chain) {
    return "add chain inet %s %s%s\n"
        .formatted(table.nftName(), chain.nftName(), chain.isBase() ? hook(table, chain) : "");
  }

  private static String hook(RuleTable table, RuleChain chain) {
    var type =
        switch (table) {
          case NAT -> "nat";
          // Routes again when the mark changes.
          case MANGLE -> chain == RuleChain.OUTPUT ? "route" : "filter";
          case RAW -> "filter";
        };
    var priority =
        switch (table) {
          case NAT -> -100;
          case MANGLE -> -150;
          case RAW -> -300;
        };
    return " { type %s hook %s priority %d ; }".formatted(type, chain.nftName(), priority);
  }

  private static String addRule(Rule rule, String comment) {
    var matches =
        rule.matches().stream().map(match -> text(match) + " ").collect(Collectors.joining());
    var counter = rule.target() instanceof Target.Jump ? "" : "counter ";
    return "add rule inet %s %s %s%s%s%s\n"
        .formatted(
            rule.table().nftName(),
            rule.chain().nftName(),
            matches,
            counter,
            text(rule.target()),
            comment);
  }

  private static String text(Match match) {
    return switch (match) {
      case Match.ArrivedOn(var name) -> "iifname \"" + name.name() + "\"";
      case Match.LeavesOnLoopback(var yes) -> "oifname " + (yes ? "" : "!= ") + "\"lo\"";
      case Match.Tcp() -> "meta l4proto tcp";
      case Match.TcpBegin() -> "tcp flags & (fin | syn | rst | ack) == syn";
      case Match.From(var address) -> ip(address) + " saddr " + address.getHostAddress();
      case Match.To(var address) -> ip(address) + " daddr " + address.getHostAddress();
      case Match.NotTo(var address) -> ip(address) + " daddr != " + address.getHostAddress();
      case Match.ToPort(var transport, var port) -> text(transport) + " dport " + port;
      case Match.NotToPort(var transport, var port) -> text(transport) + " dport != " + port;
      case Match.FromPort(var transport, var port) -> text(transport) + " sport " + port;
      case Match.PacketMark(var mark, var equal) ->
          "meta mark & %s %s %s".formatted(hex(Marks.MASK), equal ? "==" : "!=", hex(mark));
      case Match.ConnectionMark(var mark) ->
          "ct mark & %s == %s".formatted(hex(Marks.MASK), hex(mark));
    };
  }

  private static String text(Target target) {
    return switch (target) {
      case Target.Jump(var chain) -> "jump " + chain.nftName();
      case Target.Redirect(var port) -> "redirect to :" + port;
      case Target.Accept() -> "accept";
      case Target.Return() -> "return";
      case Target.MarkConnection(var mark) ->
          "ct mark set ct mark & %s | %s".formatted(hex(~Marks.MASK), hex(mark));
      case Target.RestoreMark() -> "meta mark set ct mark";
      case Target.ConntrackZone(var zone) -> "ct zone set " + zone;
    };
  }

  private static String text(Match.Transport transport) {
    return transport.name().toLowerCase(Locale.ROOT);
  }

  private static String ip(InetAddress address) {
    return address instanceof Inet6Address ? "ip6" : "ip";
  }

  private static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }
}
