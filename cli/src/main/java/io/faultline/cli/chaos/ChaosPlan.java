package io.faultline.cli.chaos;

/**
 * The faults to inject after RUN, as {@code --chaos} gives them: {@code
 * cut=5,blackhole=2,kill-source=1,seed=7}.
 *
 * @param cuts how often connections are closed or reset, 0 to 1000
 * @param blackholes how often connections stay open but carry no more data, 0 to 1000
 * @param kills how often the source process is killed, 0 to 1000
 * @param seed determines the order and the times of the faults
 */
public record ChaosPlan(int cuts, int blackholes, int kills, long seed) {
  private static final int MAX_PER_KIND = 1000;

  public ChaosPlan {
    if (Math.min(cuts, Math.min(blackholes, kills)) < 0
        || Math.max(cuts, Math.max(blackholes, kills)) > MAX_PER_KIND
        || cuts + blackholes + kills == 0) {
      throw new IllegalArgumentException(
          "use at least one fault and at most 1000 of each kind, such as"
              + " cut=5,blackhole=2,seed=7");
    }
  }

  /**
   * Parses a plan. Kinds that are not given are 0, the seed is 1.
   *
   * @throws IllegalArgumentException if it is invalid; the message is for the user
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
            "'" + part + "' is not a fault: use cut=N, blackhole=N, kill-source=N or seed=N");
      }
      int value = Integer.parseInt(sides[1]);
      switch (sides[0]) {
        case "cut" -> cuts = value;
        case "blackhole" -> blackholes = value;
        case "kill-source" -> kills = value;
        case "seed" -> seed = value;
        default ->
            throw new IllegalArgumentException(
                "'" + sides[0] + "' is not a fault: use cut, blackhole, kill-source or seed");
      }
    }
    return new ChaosPlan(cuts, blackholes, kills, seed);
  }

  /** Number of faults of all kinds. */
  public int faults() {
    return cuts + blackholes + kills;
  }

  /** In the format of {@link #parse}. */
  @Override
  public String toString() {
    String killing = kills == 0 ? "" : ",kill-source=" + kills;
    return "cut=" + cuts + ",blackhole=" + blackholes + killing + ",seed=" + seed;
  }
}
