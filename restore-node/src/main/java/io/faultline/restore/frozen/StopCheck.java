package io.faultline.restore.frozen;

/** Whether the threads of a process are stopped. Thread-safe. */
interface StopCheck {
  /** Asks the kernel ({@link TaskStates}). */
  StopCheck KERNEL =
      new StopCheck() {
        @Override
        public boolean areAllStopped(int pid) {
          return TaskStates.areAllStopped(pid);
        }

        @Override
        public boolean isStopped(String stat) {
          return TaskStates.isStopped(stat);
        }

        @Override
        public boolean isRehearsal() {
          return false;
        }
      };

  /** Whether all threads of a process are stopped; false if it is gone. */
  boolean areAllStopped(int pid);

  /** Whether a line of {@code stat} is that of a stopped thread. */
  boolean isStopped(String stat);

  /** Whether the processes only count as stopped, and must survive whatever fails. */
  boolean isRehearsal();
}
