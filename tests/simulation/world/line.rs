//! The line between browser and server, and everything that goes wrong on it.

use holdfast_chat::model::RequestId;
use holdfast_chat::protocol::{Request, Response, TransportError};
use holdfast_chat::session::{Connection, Input};
use holdfast_chat::tab::TabInput;

use super::super::backend::response;
use super::super::dice::Dice;
use super::super::schedule::Weather;
use super::{Event, Flight, World};

impl World {
    pub(super) fn fetch(&mut self, tab: u64, id: RequestId, request: Request) {
        let exchange = self.flights;
        self.flights += 1;
        self.tally.requests += 1;
        self.truth.ask(self.now, self.dialect, tab, &request);
        if self.dialect.hands_over(&request) {
            self.posts.insert(exchange);
        }
        let Some(page) = self.pages.get_mut(&tab) else { return };
        if page.flying.insert(id, exchange).is_some() {
            self.truth.fail(format!("{id:?} is used twice"));
        }
        let load = page.loads;
        let mut dice = Dice::of(self.seed, 1_000_000 + exchange);
        let way = dice.between(5, self.weather.slow);
        let weather = self.weather;
        let is_post = matches!(request.method.name(), "POST" | "PUT");
        if self.is_dead() {
            if !dice.chance(400) {
                self.after(self.now + way, Event::Answer(exchange, Err(TransportError::Network)));
            }
        } else if dice.chance(weather.lost) {
            self.after(self.now + way, Event::Answer(exchange, Err(TransportError::Network)));
        } else if dice.chance(weather.hanging) {
            // Nothing is ever heard of it; but something on the way may let it through when nobody expects it any more.
            if is_post && dice.chance(400) {
                self.after(self.now + dice.between(15_000, 40_000), Event::Arrive(exchange));
            }
        } else if dice.chance(weather.refused) {
            let refusal = error(&mut dice, weather);
            self.after(self.now + way, Event::Answer(exchange, Ok(refusal)));
        } else {
            self.after(self.now + way, Event::Arrive(exchange));
            // What a backend takes for new would be new twice, and nobody could help it.
            if is_post && self.dialect.recognises_repeats() && dice.chance(weather.doubled) {
                let later = dice.between(5, self.weather.slow);
                self.after(self.now + way + later, Event::Arrive(exchange));
            }
        }
        self.line.insert(exchange, Flight { tab, load, id, request, dice, is_aborted: false });
    }

    pub(super) fn is_dead(&self) -> bool {
        self.is_dead_until > self.now || self.is_asleep_until > self.now
    }

    pub(super) fn arrive(&mut self, exchange: u64) {
        let is_dead = self.is_dead();
        let now = self.now;
        let Some(flight) = self.line.get_mut(&exchange) else { return };
        // What was given up on its way may arrive all the same; but a question that nobody waits for is overtaken by
        // its own cancellation.
        let is_question = flight.request.method.name() == "GET";
        if is_dead || (flight.is_aborted && (is_question || flight.dice.chance(500))) {
            return;
        }
        let is_aborted = flight.is_aborted;
        let request = flight.request.clone();
        self.backend.receive(now, exchange, &request);
        if is_aborted {
            self.backend.close(exchange);
        }
    }

    pub(super) fn send_answers(&mut self) {
        for (exchange, answer) in self.backend.take_answers() {
            let weather = self.weather;
            let now = self.now;
            let Some(flight) = self.line.get_mut(&exchange) else { continue };
            let dice = &mut flight.dice;
            let at = now + dice.between(5, weather.slow);
            let outcome = if dice.chance(weather.unanswered) {
                Err(TransportError::Network)
            } else if dice.chance(weather.hanging) {
                continue;
            } else if dice.chance(weather.replaced) {
                Ok(error(dice, Weather { fatal: 0, ..weather }))
            } else if dice.chance(weather.garbled) && (200..300).contains(&answer.status) {
                Ok(garbled(dice, &answer))
            } else {
                Ok(answer)
            };
            self.after(at, Event::Answer(exchange, outcome));
        }
    }

    pub(super) fn answered(&mut self, exchange: u64, outcome: Result<Response, TransportError>) {
        let is_dead = self.is_dead();
        let Some(flight) = self.line.remove(&exchange) else { return };
        if flight.is_aborted {
            return;
        }
        if outcome.is_err() {
            // What breaks here breaks there. A server that held half a connection for a living poll would end a chat
            // with each lost packet.
            self.backend.close(exchange);
        }
        let mut dice = flight.dice;
        let outcome = match outcome {
            Ok(_) if is_dead && dice.chance(500) => return,
            Ok(_) if is_dead => Err(TransportError::Network),
            outcome => outcome,
        };
        let Some(page) = self.pages.get(&flight.tab).filter(|page| page.loads == flight.load) else { return };
        let is_thought_offline = page.tab.as_ref().is_some_and(|tab| tab.view().connection == Connection::Offline);
        self.truth.answer(self.now, self.dialect, flight.tab, &flight.request, &outcome);
        if is_thought_offline && outcome.is_ok() {
            // There is a network after all.
            self.truth.hope_again(flight.tab);
        }
        let is_waited_for = self.pages.get_mut(&flight.tab).and_then(|page| page.flying.remove(&flight.id)).is_some();
        if is_waited_for {
            self.input(flight.tab, TabInput::Session(Input::Replied { id: flight.id, outcome }));
        }
    }

    pub(super) fn abort(&mut self, exchange: u64) {
        if let Some(flight) = self.line.get_mut(&exchange) {
            flight.is_aborted = true;
            // The server is told on the connection on which the next request comes.
            let delay = flight.dice.between(1, 4);
            self.after(self.now + delay, Event::Closed(exchange));
        }
    }

    /// Everything in flight breaks, noticed or not.
    pub(super) fn break_line(&mut self) {
        for exchange in self.line.keys().copied().collect::<Vec<_>>() {
            let Some(flight) = self.line.get_mut(&exchange) else { continue };
            if flight.dice.chance(500) {
                let at = self.now + flight.dice.between(1, 2_000);
                self.after(at, Event::Answer(exchange, Err(TransportError::Network)));
            }
        }
    }
}

/// An error that something on the way makes up.
fn error(dice: &mut Dice, weather: Weather) -> Response {
    if dice.chance(weather.fatal) {
        return response(dice.pick(&[403, 409, 404]), "");
    }
    let status = dice.pick(&[500, 502, 503, 503, 504, 429, 408]);
    let mut answer = response(status, dice.clone().pick(&["", "<html>Bad gateway</html>", "{}"]));
    if dice.chance(300) {
        answer.retry_after = Some(std::time::Duration::from_secs(dice.pick(&[0, 1, 5, 90])));
    }
    answer
}

/// What is left of an answer when something on the way spoils it.
fn garbled(dice: &mut Dice, answer: &Response) -> Response {
    let cut: String = answer.body.chars().take(answer.body.len() / 2).collect();
    let body = dice.pick(&[
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "<html>Sign in to the hotel's network</html>".to_owned(),
        "{\"messages\":{}}".to_owned(),
        "{\"messages\":null,\"sequence\":\"x\"}".to_owned(),
        cut,
    ]);
    Response { body, ..answer.clone() }
}

impl World {
    /// Whether an exchange hands over what the visitor said or did, and is no part of opening or closing.
    pub fn is_post(&self, exchange: u64) -> bool {
        self.posts.contains(&exchange)
    }
}
