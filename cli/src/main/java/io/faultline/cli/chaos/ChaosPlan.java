package io.faultline.cli.chaos;

/**
 * What is to happen behind the handover, to the network and to the source: {@code
 * cut=5,blackhole=2,kill-source=1,seed=7}.
 *
 * @param cuts how often connections are cut, 0 to 1000
 * @param blackholes how often they stay open and carry nothing any more, 0 to 1000
 * @param kills how often the source's process is killed, 0 to 1000
 * @param seed of what happens when
 */
public record ChaosPlan(int cuts, int blackholes, int kills, long seed) {
  private static final int MOST = 1000;

  public ChaosPlan {
    if (Math.min(cuts, Math.min(blackholes, kills)) < 0
        || Math.max(cuts, Math.max(blackholes, kills)) > MOST
        || cuts + blackholes + kills == 0) {
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
    int kills = 0;
    long seed = 1;
    for (String part : text.strip().split(",", -1)) {
      String[] sides = part.split("=", -1);
      if (sides.length != 2 || !sides[1].matches("\\d{1,9}")) {
        throw new IllegalArgumentException(
            "'" + part + "' is not a fault: write cut=N, blackhole=N, kill-source=N or seed=N");
      }
      int value = Integer.parseInt(sides[1]);
      switch (sides[0]) {
        case "cut" -> cuts = value;
        case "blackhole" -> blackholes = value;
        case "kill-source" -> kills = value;
        case "seed" -> seed = value;
        default ->
            throw new IllegalArgumentException(
                "'"
                    + sides[0]
                    + "' is not a fault: there are cut, blackhole and kill-source, and seed");
      }
    }
    return new ChaosPlan(cuts, blackholes, kills, seed);
  }

  /** All of them. */
  public int faults() {
    return cuts + blackholes + kills;
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    String killing = kills == 0 ? "" : ",kill-source=" + kills;
    return "cut=" + cuts + ",blackhole=" + blackholes + killing + ",seed=" + seed;
  }
}
