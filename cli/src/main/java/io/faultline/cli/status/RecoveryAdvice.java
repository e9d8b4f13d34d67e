package io.faultline.cli.status;

import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.JournalSummary;

/**
 * What follows from what a node said: whose the VM is, and what a person can do.
 *
 * @param owner {@code source}, {@code destination}, {@code nobody} where the VM is gone or never
 *     was, {@code undecided} where the other end alone knows
 * @param means what that is, in a sentence
 * @param todo what to do, in a sentence
 */
record RecoveryAdvice(String owner, String means, String todo) {
  static final String SOURCE = "source";
  static final String DESTINATION = "destination";
  static final String NOBODY = "nobody";
  static final String UNDECIDED = "undecided";

  private static final String NOTHING = "nothing";

  static RecoveryAdvice of(NodeStatusList.Entry entry) {
    NodeStatus status = entry.status();
    JournalSummary journal = entry.journal();
    if (status != null && status.isAlive()) {
      return ofLiving(status.step());
    }
    String remove = "remove " + entry.file();
    if (journal != null) {
      return journal.underWay() ? ofLiving(step(journal.stage())) : ofJournal(journal, remove);
    }
    return status == null
        ? new RecoveryAdvice(NOBODY, "there is nothing here", remove)
        : ofDead(status.step(), remove);
  }

  private static OwnershipStep step(JournalStage stage) {
    return switch (stage) {
      case RUNS_HERE -> OwnershipStep.RUNS_HERE;
      case PAUSED -> OwnershipStep.PAUSED;
      case COMMITTED -> OwnershipStep.COMMITTED;
    };
  }

  private static RecoveryAdvice ofLiving(OwnershipStep step) {
    return switch (step) {
      case RUNS_HERE ->
          new RecoveryAdvice(SOURCE, "the VM runs here; nothing is handed over", NOTHING);
      case PAUSED ->
          new RecoveryAdvice(
              SOURCE,
              "the VM is paused here for its handover, and goes on here if that fails",
              NOTHING);
      case COMMITTED ->
          new RecoveryAdvice(
              DESTINATION,
              "RUN was sent: the VM never runs here again; what the destination lacks of it is"
                  + " here",
              "leave this process alone until the destination has all");
      case LISTENING -> new RecoveryAdvice(NOBODY, "no source has come yet", NOTHING);
      case RECEIVING ->
          new RecoveryAdvice(SOURCE, "the VM runs at the source, or is paused there", NOTHING);
      case READY ->
          new RecoveryAdvice(
              UNDECIDED,
              "the VM is loaded here and was not told to run; the source alone knows whether it"
                  + " was told",
              "wait for the source. Where it is gone: its status says whether to resume it there,"
                  + " or to end this process");
      case RUNNING ->
          new RecoveryAdvice(
              DESTINATION,
              "the VM runs here, or waits for a page that only the source has",
              "leave it alone; where the source is gone, its status says how to resume it");
      case POISONED ->
          new RecoveryAdvice(
              DESTINATION,
              "the VM runs here without pages that are lost, and stops where it needs one",
              "save what it can still save");
      case STOPPED ->
          new RecoveryAdvice(
              NOBODY, "the VM was stopped here, since pages are missing for good", NOTHING);
    };
  }

  /** A source that died, and left its memory. */
  private static RecoveryAdvice ofJournal(JournalSummary journal, String remove) {
    String resume =
        "faultline source --resume "
            + journal.id()
            + " --journal "
            + journal.file().toAbsolutePath().getParent();
    return switch (journal.stage()) {
      case RUNS_HERE ->
          new RecoveryAdvice(
              NOBODY,
              "the VM died with this process: its registers were nowhere else",
              remove + ", " + journal.file() + " and the memory in " + journal.memoryFiles());
      case PAUSED ->
          new RecoveryAdvice(
              SOURCE,
              "the VM was paused and RUN not sent; its state and memory are kept here",
              "let it go on here: " + resume + "; then end the destination");
      case COMMITTED ->
          new RecoveryAdvice(
              DESTINATION,
              "RUN was sent, or was about to be; what the destination lacks of the VM is kept"
                  + " here",
              resume);
    };
  }

  /** A node that died, and left nothing but its last word. */
  private static RecoveryAdvice ofDead(OwnershipStep step, String remove) {
    return switch (step) {
      case RUNS_HERE, PAUSED ->
          new RecoveryAdvice(
              NOBODY,
              "the VM died with this process, and RUN was never sent",
              "end the destination, which will not run it; " + remove);
      case COMMITTED ->
          new RecoveryAdvice(
              DESTINATION,
              "RUN was sent; pages that had not arrived died with this process",
              "where the destination waits for one, its VM is lost: end it; " + remove);
      case LISTENING -> new RecoveryAdvice(NOBODY, "no source had come", remove);
      case RECEIVING ->
          new RecoveryAdvice(SOURCE, "the VM never ran here, and goes on at the source", remove);
      case READY ->
          new RecoveryAdvice(
              UNDECIDED,
              "the VM never ran here; unless the source had sent RUN, it goes on there",
              "see the source's status: where it says committed, the VM is lost; " + remove);
      case RUNNING, POISONED ->
          new RecoveryAdvice(NOBODY, "the VM ran here, and died with this process", remove);
      case STOPPED -> new RecoveryAdvice(NOBODY, "the VM had been stopped here", remove);
    };
  }
}
