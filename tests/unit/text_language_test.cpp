#include <boost/test/unit_test.hpp>

#include "text/language.hpp"

using fthost::text::language_of;

BOOST_AUTO_TEST_SUITE(text_language)

BOOST_AUTO_TEST_CASE(languages_are_told_apart) {
  const std::pair<const char*, const char*> cases[] = {
      {"en", "What is the best way to return a parcel that I have not opened?"},
      {"de", "Wie kann ich die Bestellung ändern, und ist das für mich mit Kosten verbunden?"},
      {"fr", "Comment puis-je renvoyer le colis que vous avez livré dans la semaine ?"},
      {"es", "¿Cómo puedo devolver el paquete que está en la puerta con una etiqueta?"},
      {"pt", "Como posso devolver uma encomenda que não foi aberta, e para onde você envia?"},
      {"it", "Come posso restituire il pacco che non è stato aperto, per favore?"},
      {"nl", "Hoe kan ik het pakket terugsturen dat niet van mij is, en wat zijn de kosten?"},
      {"pl", "Czy to jest możliwe, że paczka nie przyszła na czas? Jak się z wami skontaktować?"},
      {"sv", "Det är inte jag som har beställt det, och jag vet inte vad det är för något."},
      {"tr", "Bu paket için bir iade formu var mı ve ne kadar sürer? Çok teşekkürler."},
      {"vi", "Tôi không nhận được hàng và không có mã theo dõi, bạn có thể kiểm tra cho tôi không?"},
      {"id", "Apa yang harus saya lakukan dengan paket ini yang tidak untuk saya?"},
      {"ru", "Где мой заказ? Вы обещали, что он будет на этой неделе."},
      {"uk", "Де моє замовлення? Ви обіцяли його цього тижня, чи є новини?"},
      {"el", "Πού είναι η παραγγελία μου;"},
      {"he", "איפה ההזמנה שלי?"},
      {"ar", "أين طلبي؟ لم يصل بعد."},
      {"fa", "سفارش من کجاست؟ چرا هنوز نرسیده و پیگیری ندارد؟"},
      {"hi", "मेरा ऑर्डर कहाँ है?"},
      {"th", "คำสั่งซื้อของฉันอยู่ที่ไหน"},
      {"ko", "제 주문은 어디에 있나요?"},
      {"ja", "注文はどこにありますか？まだ届いていません。"},
      {"zh", "我的订单在哪里？还没有收到。"},
      {"zh", "请把 iPhone 15 Pro 的订单发给我，谢谢。"},
      {"und", "12345 -- 67"},
      {"und", ""},
  };
  for (const auto& [language, text] : cases)
    BOOST_TEST(language_of(text) == language, text << " is " << language_of(text));
}

BOOST_AUTO_TEST_CASE(what_is_cut_or_no_text_does_no_harm) {
  BOOST_TEST(language_of("the and of it", 7) == "en");
  BOOST_TEST(language_of("the and of it", 3) == "und");
  BOOST_TEST(language_of("日本語です", 4) == "zh");  // cut within a character
  BOOST_TEST(language_of("\xFF\xFE\x80") == "und");
}

BOOST_AUTO_TEST_SUITE_END()
