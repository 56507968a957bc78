package dev.kiri.redirect.rules;

import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The node's own rules and the set of probed addresses. Keeps what is wanted and makes the kernel
/// agree, changing only what differs: nothing is ever flushed. Thread-safe, one call after another.
public final class HostRules {
  private final Commands commands;
  private final CaptureSettings settings;
  private final @Nullable PodNetns where;
  private ProbeSet wanted = ProbeSet.EMPTY;

  /// The rules of the namespace this process lives in.
  public HostRules(Commands commands, CaptureSettings settings) {
    this(commands, settings, null);
  }

  /// The rules of a given namespace, which plays the node; null for this process's.
  HostRules(Commands commands, CaptureSettings settings, @Nullable PodNetns where) {
    this.commands = commands;
    this.settings = settings;
    this.where = where;
  }

  /// Starts from what was enrolled before.
  ///
  /// @param complete whether these are all; if not, what the set holds besides is left alone
  public synchronized void start(Map<InetAddress, String> owners, boolean complete)
      throws IOException {
    wanted = new ProbeSet(owners);
    agree(_ -> complete);
  }

  /// Has the node's probes of these addresses exempted.
  public synchronized void add(Collection<InetAddress> addresses, String uid) throws IOException {
    wanted = wanted.with(addresses, uid);
    agree(_ -> false);
  }

  /// Ends it, for those of the addresses that are still this pod's.
  public synchronized void remove(Collection<InetAddress> addresses, String uid)
      throws IOException {
    var next = wanted.without(addresses, uid);
    var gone = new HashSet<>(wanted.owners().keySet());
    gone.removeAll(next.owners().keySet());
    wanted = next;
    if (!gone.isEmpty()) {
      agree(gone::contains);
    }
  }

  /// Restores what others have taken away.
  ///
  /// @return whether anything was missing
  public synchronized boolean reassert() throws IOException {
    return agree(_ -> false);
  }

  /// Leaves nothing of ours on the node.
  public synchronized void uninstall() throws IOException {
    commands.nft(where, HostScript.remove(), "-f", "-");
  }

  private boolean agree(Predicate<InetAddress> mayGo) throws IOException {
    var script = HostScript.apply(settings);
    var found = InstalledHost.parse(commands.nft(where, "", "-j", "list", "ruleset", "inet"));
    var changes = new StringBuilder();
    if (found.isForeign(settings)) {
      changes.append(HostScript.remove());
      found = InstalledHost.NONE;
    }
    if (!found.isCurrent(settings, script.marker())) {
      changes.append(script.text());
    }
    changes.append(found.probes().changesTo(wanted, settings.ipv6(), mayGo));
    if (changes.isEmpty()) {
      return false;
    }
    commands.nft(where, changes.toString(), "-f", "-");
    return true;
  }
}
