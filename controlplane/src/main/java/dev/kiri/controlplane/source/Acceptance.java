package dev.kiri.controlplane.source;

import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.Decoded;
import dev.kiri.controlplane.kinds.Decoder;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.kinds.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// What a new version of an object means: it comes into force, or it is refused and what was in
/// force before stays. Remembers which objects are in force. Thread-safe for different objects.
public final class Acceptance {
  private final Map<ObjectKey, State> states = new ConcurrentHashMap<>();
  private final SharedStrings strings = new SharedStrings();

  private enum State {
    GOOD,
    /// A policy that fails closed.
    UNREADABLE,
    /// Nothing is in force, but the refusal was told.
    REFUSED
  }

  /// What to tell, and what is wrong.
  public record Verdict(Optional<ObjectChange> change, List<Problem> problems) {}

  /// Takes a version of an object.
  public Verdict take(ObjectKey key, Map<?, ?> tree, Origin origin) {
    return switch (Decoder.decode(strings.of(tree), origin)) {
      case Decoded.Accepted(MeshObject object, List<Problem> found) -> {
        boolean unreadable =
            object instanceof AuthorizationPolicyObject policy && policy.unreadable() != null;
        if (unreadable && states.get(key) == State.GOOD) {
          yield new Verdict(Optional.of(new ObjectChange.Refused(key, object, found)), found);
        }
        states.put(key, unreadable ? State.UNREADABLE : State.GOOD);
        yield new Verdict(Optional.of(new ObjectChange.Put(object, found)), found);
      }
      case Decoded.Refused(MeshObject attempt, List<Problem> found) -> {
        states.putIfAbsent(key, State.REFUSED);
        yield new Verdict(Optional.of(new ObjectChange.Refused(key, attempt, found)), found);
      }
      case Decoded.LeftAside(List<Problem> found) -> new Verdict(Optional.empty(), found);
    };
  }

  /// The object is gone. Empty where nothing was ever told of it.
  public Optional<ObjectChange> gone(ObjectKey key) {
    return states.remove(key) == null ? Optional.empty() : Optional.of(new ObjectChange.Gone(key));
  }
}
