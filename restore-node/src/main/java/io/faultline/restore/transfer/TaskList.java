package io.faultline.restore.transfer;

import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The processes of the dump that have spaces, or had some. About as many as a container has, so a
 * linear search is fastest. Confined to the session's event loop.
 */
final class TaskList {
  private final List<TaskTransfer> tasks = new ArrayList<>();
  private int turn;

  /** The process with a layout; it is new if there was none. */
  TaskTransfer of(DumpLayout layout) {
    for (int i = 0; i < tasks.size(); i++) {
      if (tasks.get(i).layout() == layout) {
        return tasks.get(i);
      }
    }
    TaskTransfer task = new TaskTransfer(layout);
    tasks.add(task);
    return task;
  }

  /**
   * The process with an id.
   *
   * @throws IllegalStateException if there is none
   */
  TaskTransfer of(int pid) {
    for (int i = 0; i < tasks.size(); i++) {
      if (tasks.get(i).layout().pid() == pid) {
        return tasks.get(i);
      }
    }
    throw new IllegalStateException("pages of process " + pid + ", which nobody asked for");
  }

  /** The next process in turn of which a page is wanted; null if there is none. */
  @Nullable TaskTransfer next() {
    for (int i = 0; i < tasks.size(); i++) {
      turn = (turn + 1) % tasks.size();
      TaskTransfer task = tasks.get(turn);
      if (!task.spaces().isEmpty() && task.nextWanted() >= 0) {
        return task;
      }
    }
    return null;
  }

  /** See {@link TaskTransfer#reportFaultsAgain}. */
  void reportFaultsAgain() {
    tasks.forEach(TaskTransfer::reportFaultsAgain);
  }

  /** The pages that are missing, counted once for each process that misses them. */
  long missingPages() {
    long sum = 0;
    for (TaskTransfer task : tasks) {
      for (Space space : task.spaces()) {
        sum += space.missing().count();
      }
    }
    return sum;
  }
}
