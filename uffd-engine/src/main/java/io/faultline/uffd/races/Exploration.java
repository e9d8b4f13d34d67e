package io.faultline.uffd.races;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Explores all interleavings of a {@link PostcopyProgram}. Two interleavings that reach the same
 * state have the same future, so each action is taken only once from each state. That covers all
 * interleavings, and the {@link StateGraph} counts them.
 *
 * <p>Deterministic: repeating the choices that led to a state reaches it again.
 */
final class Exploration {
  /** The choices to repeat, and the state before the last one. */
  private record Branch(List<Role> choices, @Nullable String from) {}

  /**
   * The result of an exploration.
   *
   * @param hanging the number of interleavings that hang
   * @param lostWakeUps one hanging run for each {@link PostcopyProgram#lostWakeUp}
   */
  record Result(
      int states, BigInteger interleavings, BigInteger hanging, Map<Integer, Run> lostWakeUps) {}

  private final Scenario scenario;
  private final int pages;
  private final StateGraph graph = new StateGraph();
  private final Deque<Branch> branches = new ArrayDeque<>();
  private final Map<Integer, Run> lostWakeUps = new TreeMap<>();
  private @Nullable String first;

  private Exploration(Scenario scenario, int pages) {
    this.scenario = scenario;
    this.pages = pages;
  }

  static Result of(Scenario scenario, int pages) {
    return new Exploration(scenario, pages).explore();
  }

  private Result explore() {
    branches.push(new Branch(List.of(), null));
    while (!branches.isEmpty()) {
      follow(branches.pop());
    }
    String root = first == null ? "" : first;
    BigInteger hanging = graph.count(root, Run.End.HUNG);
    BigInteger all = graph.count(root, Run.End.FINISHED).add(hanging);
    return new Result(graph.size(), all, hanging, lostWakeUps);
  }

  /** Repeats a branch, and continues from there up to a known state or the end. */
  private void follow(Branch branch) {
    try (PostcopyProgram program = new PostcopyProgram(scenario, pages)) {
      Walk walk = new Walk(program, branch);
      Run run = program.run(walk);
      if (run.end() == Run.End.HUNG) {
        lostWakeUps.putIfAbsent(walk.lostWakeUp, run);
      }
    }
  }

  /** The choices of one run. */
  private final class Walk implements Interleaver.Chooser {
    private final PostcopyProgram program;
    private final Deque<Role> repeated;
    private final List<Role> done = new ArrayList<>();
    private @Nullable String from;
    private int lostWakeUp;

    Walk(PostcopyProgram program, Branch branch) {
      this.program = program;
      this.repeated = new ArrayDeque<>(branch.choices());
      this.from = branch.from();
    }

    @Override
    public void ended(Run.End end) {
      String state = program.describe();
      graph.reach(from, state);
      graph.end(state, end);
      lostWakeUp = end == Run.End.HUNG ? program.lostWakeUp() : 0;
    }

    @Override
    public @Nullable Actor choose(List<Actor> runnable) {
      if (!repeated.isEmpty()) {
        Role role = repeated.remove();
        done.add(role);
        return runnable.stream().filter(actor -> actor.role() == role).findFirst().orElseThrow();
      }
      String state = program.describe();
      if (first == null) {
        first = state;
      }
      if (!graph.reach(from, state)) {
        return null;
      }
      for (Actor other : runnable.subList(1, runnable.size())) {
        List<Role> choices = new ArrayList<>(done);
        choices.add(other.role());
        branches.push(new Branch(choices, state));
      }
      from = state;
      done.add(runnable.getFirst().role());
      return runnable.getFirst();
    }
  }
}
