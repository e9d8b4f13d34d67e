package io.faultline.dest;

/** What becomes of a VM that runs here when pages will never come. Belongs to the control loop. */
final class SourceLossHandler {
  private final IncomingVm vm;
  private final IncomingLink link;

  SourceLossHandler(IncomingVm vm, IncomingLink link) {
    this.vm = vm;
    this.link = link;
  }

  /**
   * The VM goes on without the pages, or is stopped where it cannot.
   *
   * @return what was done, for a person, as the end of a sentence
   */
  String poison() {
    try {
      long pages = link.giveUpMissingPages();
      return "; "
          + pages
          + " pages are missing: the VM goes on without them, and a vCPU that needs one gets a"
          + " memory error";
    } catch (RuntimeException e) { // then there is no other way
      return "; " + e.getMessage() + stop(true, "it could not go on without the missing pages");
    }
  }

  /**
   * Stops the VM, if it runs, and lets go of its memory, in this order, or of neither.
   *
   * @param why the VM had to be stopped, for a person
   * @return as for {@link #poison}
   */
  String stop(boolean running, String why) {
    String done = running ? "; the VM was stopped, since " + why : "";
    try {
      if (running) {
        vm.abandon();
      }
      link.unregister(false);
    } catch (RuntimeException e) { // the end must be told all the same
      done += "; the VM could not be let go: " + e.getMessage();
    }
    return done;
  }
}
