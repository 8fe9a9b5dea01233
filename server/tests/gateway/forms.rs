//! Forms, questions and the bot: everything before, between and instead of talking with somebody.

use serde_json::{Value, json};

use crate::kit::Front;

#[tokio::test]
async fn a_bot_hands_over_to_a_person_and_nothing_that_was_said_is_lost() {
    let front = Front::new().await;
    let guest = front.begin(1).await;
    front.done(&guest, "POST", "/Messages", json!({"Message": "My kettle leaks"})).await;
    let before = front.said(&guest).await;
    assert_eq!(before.len(), 4);
    for _ in 0..2 {
        assert_eq!(front.done(&guest, "POST", "/Reset", Value::Null).await["Status"], "PreChatForm");
    }
    let refused = front.tell(&guest, "POST", "/Messages", json!({"Message": "hello?"})).await;
    assert_eq!((refused.status, refused.body.as_str()), (409, r#"{"Error":"not-now"}"#));
    let lacking = front.tell(&guest, "PATCH", "", json!({"CustomerName": "Ines Roth"})).await;
    assert_eq!((lacking.status, lacking.json()), (400, json!({"Error": "required", "Fields": ["Email"]})));
    let form = json!({"CustomerName": "Ines Roth", "CustomerEmail": "ines@example.net"});
    for _ in 0..2 {
        let queued = front.done(&guest, "PATCH", "", form.clone()).await;
        assert_eq!((&queued["Status"], &queued["CustomerAlias"]), (&json!("InQueue"), &json!("Ines Roth")));
    }
    front.server.agent(json!({"accept": {"name": "Noor Berg"}})).await;
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    let talking = front.session(&guest).await;
    assert_eq!((&talking["Status"], &talking["User"]["FullName"]), (&json!("UserLast"), &json!("Noor Berg")));
    let after = front.said(&guest).await;
    assert_eq!(after[..4], before[..]);
    let answer = front.tell(&guest, "POST", "/Reset", Value::Null).await;
    assert_eq!(answer.status, 409);
}

#[tokio::test]
async fn a_form_that_is_told_at_once_is_not_asked_for() {
    let front = Front::new().await;
    let started = async |fields: Value| {
        let headers = [("Content-Type", "application/json")];
        front.ask("POST", "/so/api/v1/ChatTopic/3/Sessions", &headers, &fields.to_string()).await
    };
    let whole = json!({"CustomerEmail": "ines@example.net", "CustomerConsented": true});
    assert_eq!(started(whole).await.json()["Status"], "Faq");
    let lacking = started(json!({"CustomerEmail": "ines@example.net"})).await.json();
    assert_eq!((&lacking["Status"], &lacking["CustomerEmail"]), (&json!("PreChatForm"), &json!("ines@example.net")));
    let wrong = started(json!({"CustomerEmail": "ines"})).await;
    assert_eq!((wrong.status, wrong.json()), (400, json!({"Error": "invalid", "Fields": ["Email"]})));
    let guest = front.begin_with(3, json!({"CustomerEmail": "ines@example.net"})).await;
    assert_eq!(front.tell(&guest, "PATCH", "", json!({})).await.json(), json!({"Error": "consent"}));
    assert_eq!(front.done(&guest, "PATCH", "", json!({"CustomerConsented": true})).await["Status"], "Faq");
}

#[tokio::test]
async fn a_question_is_answered_by_articles_and_a_no_leads_to_people() {
    let front = Front::new().await;
    let whole = json!({"CustomerEmail": "ines@example.net", "CustomerConsented": true});
    for (value, status) in [("no", "InQueue"), ("yes", "Finished")] {
        for acts in [true, false] {
            front.server.settings(json!({"superoffice": {"faqClickActs": acts}})).await;
            let guest = front.begin_with(3, whole.clone()).await;
            front.done(&guest, "POST", "/Messages", json!({"Message": "my kettle leaks"})).await;
            let lines = front.done(&guest, "GET", "/Messages", Value::Null).await;
            let kinds: Vec<&Value> =
                lines.as_array().expect("a list").iter().map(|line| &line["SpecialType"]).collect();
            assert_eq!(kinds, ["None", "Url", "Url", "FaqSuccessQuestion"]);
            let click = json!({"Type": "Special", "SpecialType": "ClickedOption", "Message": "Nein", "Value": value});
            let stored = front.done(&guest, "POST", "/Messages", click).await;
            assert_eq!(stored["SpecialParam"], format!("[\"{value}\"]"));
            assert_eq!(front.session(&guest).await["Status"], status, "{value} {acts}");
        }
    }
    let guest = front.begin_with(3, whole).await;
    front.done(&guest, "POST", "/Messages", json!({"Message": "nothing of the sort"})).await;
    assert_eq!(front.session(&guest).await["Status"], "InQueue");
}

#[tokio::test]
async fn a_message_for_later_becomes_a_request() {
    let front = Front::new().await;
    let guest = front.begin(4).await;
    let session = front.session(&guest).await;
    assert_eq!((&session["Status"], &session["OfflineFormOffered"]), (&json!("OfflineForm"), &json!(true)));
    let form = json!({"CustomerName": "Ines", "CustomerEmail": "ines@example.net", "CustomerConsented": true, "Message": "Call me"});
    let mut lacking = form.clone();
    lacking["CustomerConsented"] = json!(false);
    assert_eq!(front.tell(&guest, "POST", "/OfflineForm", lacking).await.json(), json!({"Error": "consent"}));
    let mut lacking = form.clone();
    lacking["Message"] = json!(" ");
    assert_eq!(
        front.tell(&guest, "POST", "/OfflineForm", lacking).await.json(),
        json!({"Error": "required", "Fields": ["Message"]})
    );
    let posted = front.done(&guest, "POST", "/OfflineForm", form.clone()).await;
    assert_eq!(posted["Status"], "RequestPosted");
    assert!(posted["TicketNumber"].as_str().is_some_and(|number| number.parse::<u64>().is_ok()), "{posted}");
    let again = front.done(&guest, "POST", "/OfflineForm", form).await;
    assert_eq!((&again["Status"], &again["TicketNumber"]), (&json!("RequestPosted"), &Value::Null));
    let record = front.server.record().await;
    let tickets = record["events"].as_array().expect("a list").iter().filter(|event| event["type"] == "ticket").count();
    assert_eq!((tickets, front.server.delivered().await), (1, vec!["Call me".to_owned()]));
}

#[tokio::test]
async fn a_queue_that_is_too_long_offers_the_form() {
    let front = Front::new().await;
    let topic = json!({"UseQueueOfflineForm": true, "OfflineFormTimeLimit": 0, "OfflineFormQueueLength": 2});
    front.server.settings(json!({"superoffice": {"topics": {"2": topic}}})).await;
    let (first, second) = (front.begin(2).await, front.begin(2).await);
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    assert_eq!(front.session(&first).await["OfflineFormOffered"], false);
    assert_eq!(front.session(&second).await["OfflineFormOffered"], true);
    let form = json!({"CustomerEmail": "ines@example.net", "Message": "Call me"});
    assert_eq!(front.tell(&first, "POST", "/OfflineForm", form.clone()).await.status, 409);
    let posted = front.done(&second, "POST", "/OfflineForm", form).await;
    assert_eq!((&posted["Status"], &posted["TicketNumber"]), (&json!("RequestPosted"), &Value::Null));
}

#[tokio::test]
async fn a_click_carries_its_label() {
    let front = Front::new().await;
    let guest = front.begin(1).await;
    let click = json!({"Type": "Special", "SpecialType": "ClickedOption", "Message": "Order status", "SpecialParam": "[\"forged\"]"});
    let stored = front.done(&guest, "POST", "/Messages", click).await;
    assert_eq!((&stored["SpecialParam"], &stored["Type"]), (&json!("[\"Order status\"]"), &json!("Special")));
    assert_eq!(front.said(&guest).await.last().map(String::as_str), Some("Your order is on its way."));
}

#[tokio::test]
async fn a_question_that_nothing_answers_goes_to_people() {
    let front = Front::with(|text| text.replace("pace = {", "pace = { faq_ms = 200,")).await;
    front.server.settings(json!({"superoffice": {"faqLooksUp": false}})).await;
    let whole = json!({"CustomerEmail": "ines@example.net", "CustomerConsented": true});
    let guest = front.begin_with(3, whole).await;
    tokio::time::sleep(std::time::Duration::from_millis(210)).await;
    assert_eq!(front.session(&guest).await["Status"], "Faq");
    front.done(&guest, "POST", "/Messages", json!({"Message": "my kettle leaks"})).await;
    assert_eq!(front.session(&guest).await["Status"], "Faq");
    tokio::time::sleep(std::time::Duration::from_millis(210)).await;
    assert_eq!(front.session(&guest).await["Status"], "InQueue");
}
