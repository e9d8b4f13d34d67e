package io.faultline.demo.chaos;

/**
 * What is to happen to the network behind the handover: {@code cut=5,blackhole=2,seed=7}.
 *
 * @param cuts how often connections are cut, 0 to 1000
 * @param blackholes how often they stay open and carry nothing any more, 0 to 1000
 * @param seed of what happens when
 */
public record ChaosPlan(int cuts, int blackholes, long seed) {
  private static final int MOST = 1000;

  public ChaosPlan {
    if (cuts < 0 || cuts > MOST || blackholes < 0 || blackholes > MOST || cuts + blackholes == 0) {
      throw new IllegalArgumentException(
          "chaos needs at least one fault, and at most 1000 of each kind:"
              + " cut=5,blackhole=2,seed=7");
    }
  }

  /**
   * Reads a plan; what is left out is 0, and the seed 1.
   *
   * @throws IllegalArgumentException with what is wrong, for the user
   */
  public static ChaosPlan parse(String text) {
    int cuts = 0;
    int blackholes = 0;
    long seed = 1;
    for (String part : text.strip().split(",", -1)) {
      String[] sides = part.split("=", -1);
      if (sides.length != 2 || !sides[1].matches("\\d{1,9}")) {
        throw new IllegalArgumentException(
            "'" + part + "' is not a fault: write cut=N, blackhole=N or seed=N");
      }
      int value = Integer.parseInt(sides[1]);
      switch (sides[0]) {
        case "cut" -> cuts = value;
        case "blackhole" -> blackholes = value;
        case "seed" -> seed = value;
        default ->
            throw new IllegalArgumentException(
                "'" + sides[0] + "' is not a fault: there are cut and blackhole, and seed");
      }
    }
    return new ChaosPlan(cuts, blackholes, seed);
  }

  /** All of them. */
  public int faults() {
    return cuts + blackholes;
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return "cut=" + cuts + ",blackhole=" + blackholes + ",seed=" + seed;
  }
}
