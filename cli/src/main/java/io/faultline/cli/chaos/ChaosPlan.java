package io.faultline.cli.chaos;

import java.util.IntSummaryStatistics;
import java.util.stream.IntStream;

/**
 * The faults to inject after RUN, as {@code --chaos} gives them: {@code
 * cut=5,blackhole=2,kill-source=1,kill-dest=1,seed=7}.
 *
 * @param cuts how often connections are closed or reset, 0 to 1000
 * @param blackholes how often connections stay open but carry no more data, 0 to 1000
 * @param sourceKills how often the source node is killed, 0 to 1000
 * @param destinationKills how often the destination node is killed, 0 to 1000
 * @param seed determines the order and the times of the faults
 */
public record ChaosPlan(
    int cuts, int blackholes, int sourceKills, int destinationKills, long seed) {
  private static final int MAX_PER_KIND = 1000;

  public ChaosPlan {
    IntSummaryStatistics kinds =
        IntStream.of(cuts, blackholes, sourceKills, destinationKills).summaryStatistics();
    if (kinds.getMin() < 0 || kinds.getMax() > MAX_PER_KIND || kinds.getSum() == 0) {
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
    int sourceKills = 0;
    int destinationKills = 0;
    long seed = 1;
    for (String part : text.strip().split(",", -1)) {
      String[] sides = part.split("=", -1);
      if (sides.length != 2 || !sides[1].matches("\\d{1,9}")) {
        throw new IllegalArgumentException(
            "'"
                + part
                + "' is not a fault: use cut=N, blackhole=N, kill-source=N, kill-dest=N or seed=N");
      }
      int value = Integer.parseInt(sides[1]);
      switch (sides[0]) {
        case "cut" -> cuts = value;
        case "blackhole" -> blackholes = value;
        case "kill-source" -> sourceKills = value;
        case "kill-dest" -> destinationKills = value;
        case "seed" -> seed = value;
        default ->
            throw new IllegalArgumentException(
                "'"
                    + sides[0]
                    + "' is not a fault: use cut, blackhole, kill-source, kill-dest or seed");
      }
    }
    return new ChaosPlan(cuts, blackholes, sourceKills, destinationKills, seed);
  }

  /** Number of faults of all kinds. */
  public int faults() {
    return cuts + blackholes + sourceKills + destinationKills;
  }

  /** In the format of {@link #parse}. */
  @Override
  public String toString() {
    return "cut="
        + cuts
        + ",blackhole="
        + blackholes
        + kills("kill-source", sourceKills)
        + kills("kill-dest", destinationKills)
        + ",seed="
        + seed;
  }

  private static String kills(String kind, int count) {
    return count == 0 ? "" : "," + kind + "=" + count;
  }
}
