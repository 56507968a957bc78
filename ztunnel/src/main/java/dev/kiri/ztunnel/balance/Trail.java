package dev.kiri.ztunnel.balance;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// The steps of a decision, for someone who asks why. On the data path [#NONE] keeps nothing and
/// costs nothing. Confined to the thread that decides.
public interface Trail {
  /// Keeps nothing.
  Trail NONE = (step, facts) -> {};

  /// Notes a step; `facts` are appended after a colon, separated by spaces.
  void step(String step, Object... facts);

  /// A trail that remembers.
  static Recorded recorded() {
    return new Recorded();
  }

  /// Remembers the steps in order.
  final class Recorded implements Trail {
    private final List<String> steps = new ArrayList<>();

    private Recorded() {}

    @Override
    public void step(String step, Object... facts) {
      if (facts.length == 0) {
        steps.add(step);
        return;
      }
      var line = new StringBuilder(step).append(':');
      for (var fact : facts) {
        line.append(' ')
            .append(
                fact instanceof InetSocketAddress address
                    ? NetUtil.toSocketAddressString(address)
                    : fact);
      }
      steps.add(line.toString());
    }

    /// What was noted so far.
    public List<String> steps() {
      return List.copyOf(steps);
    }
  }
}
