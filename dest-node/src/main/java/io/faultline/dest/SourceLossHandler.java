package io.faultline.dest;

import org.jspecify.annotations.Nullable;

/**
 * Decides what happens to the VM when its missing pages will never arrive. Confined to the control
 * loop.
 */
final class SourceLossHandler {
  private final IncomingVm vm;
  private final IncomingLink link;

  SourceLossHandler(IncomingVm vm, IncomingLink link) {
    this.vm = vm;
    this.link = link;
  }

  /** Why the VM has ended without this node; null if it has not. */
  @Nullable String vmEnded() {
    return vm.ended();
  }

  /** Releases the memory of a VM that has ended. */
  void release() {
    try {
      link.unregister(false);
    } catch (RuntimeException e) {
      // it went with the VM
    }
  }

  /**
   * This node cannot go on: leaves a VM that runs to another process, if one can take over.
   *
   * @return what to do, human-readable, as the end of a sentence; null if nothing was done
   */
  @Nullable String leave() {
    try {
      String command = link.leave();
      return command == null
          ? null
          : "; the VM is left to another process, and waits for its missing pages: " + command;
    } catch (RuntimeException e) { // the end of this process leaves it, too
      return "; the VM is left to another process: " + e.getMessage();
    }
  }

  /**
   * Ends what runs here.
   *
   * @param running whether the VM runs here
   * @param poison whether a VM that runs continues without the missing pages
   * @param missing a human-readable count of the missing pages
   * @return what was done, human-readable, as the end of a sentence
   */
  String giveUp(boolean running, boolean poison, String missing) {
    return running && poison ? poison() : stop(running, missing);
  }

  /**
   * Lets the VM continue without the missing pages, or stops it if that fails.
   *
   * @return what was done, human-readable, as the end of a sentence
   */
  private String poison() {
    try {
      long pages = link.giveUpMissingPages();
      return "; "
          + pages
          + " pages are missing: the VM continues without them, and a vCPU that needs one gets a"
          + " memory error";
    } catch (RuntimeException e) { // stopping it is the only alternative
      return "; " + e.getMessage() + stop(true, "it cannot run without the missing pages");
    }
  }

  /**
   * Stops the VM, if it runs, and then unregisters its memory; if it cannot be stopped, its memory
   * stays registered.
   *
   * @param why the VM had to be stopped, human-readable
   * @return what was done
   */
  private String stop(boolean running, String why) {
    String done = running ? "; the VM was stopped, since " + why : "";
    try {
      if (running) {
        vm.abandon();
      }
      link.unregister(false);
    } catch (RuntimeException e) { // the migration must end nevertheless
      done += "; the VM could not be released: " + e.getMessage();
    }
    return done;
  }
}
