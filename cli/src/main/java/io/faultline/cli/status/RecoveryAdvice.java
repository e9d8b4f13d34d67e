package io.faultline.cli.status;

import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.JournalSummary;

/**
 * Which side owns the VM, given a node's status and journal, and what the user can do.
 *
 * @param owner {@code source}; {@code destination}; {@code nobody} if the VM is gone or never
 *     existed; {@code undecided} if only the peer knows
 * @param explanation what that means, in one sentence
 * @param action what to do, in one sentence
 */
record RecoveryAdvice(String owner, String explanation, String action) {
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
    LeftGuest left = entry.left();
    if (left != null) {
      return ofTakeOver(status == null ? left.step() : status.step(), left.command());
    }
    return status == null
        ? new RecoveryAdvice(NOBODY, "there is no node and no journal", remove)
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
          new RecoveryAdvice(SOURCE, "the VM runs here; the switchover has not begun", NOTHING);
      case PAUSED ->
          new RecoveryAdvice(
              SOURCE,
              "the VM is paused here for the switchover, and continues here if that fails",
              NOTHING);
      case COMMITTED ->
          new RecoveryAdvice(
              DESTINATION,
              "RUN was sent: the VM never runs here again; this process has the pages that the"
                  + " destination lacks",
              "leave this process alone until the destination has all pages");
      case LISTENING -> new RecoveryAdvice(NOBODY, "no source has connected yet", NOTHING);
      case RECEIVING ->
          new RecoveryAdvice(SOURCE, "the VM runs or is paused at the source", NOTHING);
      case READY ->
          new RecoveryAdvice(
              UNDECIDED,
              "the VM is loaded here and has not received RUN; only the source knows whether RUN"
                  + " was sent",
              "wait for the source; if it is dead, its status says whether to resume it, or to end"
                  + " this process");
      case RUNNING ->
          new RecoveryAdvice(
              DESTINATION,
              "the VM runs here, or waits for a page that only the source has",
              "leave this process alone; if the source is dead, its status says how to resume it");
      case POISONED ->
          new RecoveryAdvice(
              DESTINATION,
              "the VM runs here without its lost pages, and stops if it touches one",
              "save from the VM what can be saved");
      case STOPPED ->
          new RecoveryAdvice(
              NOBODY, "the VM was stopped here, because pages are permanently missing", NOTHING);
    };
  }

  /** For a source that died, and has a journal. */
  private static RecoveryAdvice ofJournal(JournalSummary journal, String remove) {
    String resume = ResumeCommand.of(journal.id(), journal.file());
    if (journal.survives() && journal.stage() != JournalStage.COMMITTED) {
      return new RecoveryAdvice(
          SOURCE,
          "RUN was not sent; the VM is in a process of its own, which runs it, or has paused it for"
              + " the switchover",
          "let it continue here, and clean up after this process: " + resume);
    }
    return switch (journal.stage()) {
      case RUNS_HERE ->
          new RecoveryAdvice(
              NOBODY,
              "the VM died with this process, which alone had its registers",
              remove + ", " + journal.file() + " and the memory in " + journal.memoryFiles());
      case PAUSED ->
          new RecoveryAdvice(
              SOURCE,
              "the VM was paused and RUN was not sent; its state and memory are saved here",
              "continue it here: " + resume + "; then end the destination");
      case COMMITTED ->
          new RecoveryAdvice(
              DESTINATION,
              "RUN was sent, or was about to be; the pages that the destination lacks are saved"
                  + " here",
              resume);
    };
  }

  /** For a destination that died or broke, whose VM has a process of its own. */
  private static RecoveryAdvice ofTakeOver(OwnershipStep step, String command) {
    return switch (step) {
      case READY ->
          new RecoveryAdvice(
              UNDECIDED,
              "the guest is loaded in its QEMU, and waits; only the source knows whether RUN was"
                  + " sent",
              command);
      case RUNNING ->
          new RecoveryAdvice(
              DESTINATION,
              "the guest is in its QEMU, and waits when it needs a page that has not arrived",
              command);
      case POISONED, STOPPED ->
          new RecoveryAdvice(
              NOBODY, "pages of the guest are permanently missing", "end its QEMU, if it runs");
      default ->
          new RecoveryAdvice(
              SOURCE,
              "the VM never ran here, and continues at the source",
              command + ", which says what is left");
    };
  }

  /** For a node that died, and has only its status file. */
  private static RecoveryAdvice ofDead(OwnershipStep step, String remove) {
    return switch (step) {
      case RUNS_HERE, PAUSED ->
          new RecoveryAdvice(
              NOBODY,
              "the VM died with this process, and RUN was never sent",
              "end the destination, which will not run the VM; " + remove);
      case COMMITTED ->
          new RecoveryAdvice(
              DESTINATION,
              "RUN was sent; the pages that had not arrived died with this process",
              "if the destination waits for one, the VM is lost: end it; " + remove);
      case LISTENING -> new RecoveryAdvice(NOBODY, "no source had connected", remove);
      case RECEIVING ->
          new RecoveryAdvice(SOURCE, "the VM never ran here, and continues at the source", remove);
      case READY ->
          new RecoveryAdvice(
              UNDECIDED,
              "the VM never ran here; it continues at the source, unless RUN was sent",
              "see the status of the source: if it is committed, the VM is lost; " + remove);
      case RUNNING, POISONED ->
          new RecoveryAdvice(NOBODY, "the VM ran here, and died with this process", remove);
      case STOPPED -> new RecoveryAdvice(NOBODY, "the VM had been stopped here", remove);
    };
  }
}
