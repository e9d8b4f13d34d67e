package io.faultline.dest;

/** Passes the events of the bulk loop to the state machine on the control loop. Thread-safe. */
final class BulkEvents implements BulkChannelsReceiver.Events {
  private final IncomingController controller;
  private final IncomingSession session;

  BulkEvents(IncomingController controller, IncomingSession session) {
    this.controller = controller;
    this.session = session;
  }

  @Override
  public void roundReceived(int round) {
    controller.onMigration(session, migration -> migration.roundReceived(round));
  }

  @Override
  public void discarded(long pages, long tookNanos) {
    controller.onMigration(session, migration -> migration.discarded(pages, tookNanos));
  }

  @Override
  public void staleKnown(long pages) {
    controller.onMigration(session, migration -> migration.staleKnown(pages));
  }

  @Override
  public void streamEnded(long announcedPages, long receivedPages) {
    controller.onMigration(
        session, migration -> migration.bulkStreamEnded(announcedPages, receivedPages));
  }

  @Override
  public void failed(RuntimeException cause) {
    controller.failed(String.valueOf(cause.getMessage()));
  }
}
