package dev.kiri.ztunnel.balance;

/// What this node's own connections tell about endpoints, as far as a choice looks at it. Asked for
/// every endpoint of each choice; must be cheap and may be asked from any thread.
public interface EndpointView {
  /// Nothing is known.
  EndpointView NONE =
      new EndpointView() {
        @Override
        public boolean ejected(String source, String workloadUid, int port) {
          return false;
        }

        @Override
        public int open(String workloadUid) {
          return 0;
        }
      };

  /// Whether connecting to this endpoint failed just now for the workload `source`, so that it is
  /// to be left out.
  boolean ejected(String source, String workloadUid, int port);

  /// How many connections of this node to the workload are open.
  int open(String workloadUid);
}
