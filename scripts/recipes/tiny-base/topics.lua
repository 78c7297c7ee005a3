-- The topics of the tiny base's corpus and the words people use for them. Plain data; the order is part of the corpus.
-- A line is: kind | noun phrases, the first one is the topic's name | verb phrases after "how do I" | whole remarks.
-- Kinds choose the shape of an answer: d something to do, t a time, c a price, r a rule, i information.
-- luacheck: no max line length
-- The second list is a grid: every device with every action, so that words for things and for deeds are learnt apart.

local lines = [[
d | password reset ; a forgotten password ; a lost password ; a new password | reset my password ; choose another password ; set a new password ; recover a forgotten password ; get in when I forgot my password | I forgot my password ; my old password does not work ; lost the password
d | email change ; my email address ; a new email ; a different email address | change my email ; update my email address ; switch to another email ; replace the email you have ; tell you my new email address | I have a new email address ; you write to my old email ; my email is different now
d | account deletion ; closing an account ; deleting my account ; the end of my account | delete my account ; close my account ; erase my whole account ; remove my account forever ; close the account for good | I want my account gone for good ; please erase my account ; I do not use the account any more
d | two-step login ; two-step sign in ; the second step at sign in ; a login code | turn on two-step sign in ; switch on two-step login ; add a second step to my login ; sign in with two steps ; get a login code | I want a second step ; my login needs two steps ; one step at sign in is not safe
d | locked account ; a locked login ; too many wrong tries ; being locked out | unlock my account ; unlock my login ; get in when I am locked out ; open a locked account | I am locked out ; it locked me out ; too many wrong tries ; I typed it wrong and it is locked ; it says locked
d | data export ; a copy of my data ; my personal data ; the data you keep | export my data ; get a copy of my personal data ; receive the data you keep about me ; download all my personal data | I want to see my personal data ; you keep data about me ; a copy of the data is what I need
i | invoice copy ; my invoice ; an invoice as pdf ; the invoice for my books ; last month's invoice | find an invoice ; get my invoice as a pdf ; print the invoice of an order ; receive last month's invoices | I cannot find my invoices ; the invoice is gone ; my books need the invoice
t | refund time ; my refund ; the money back ; waiting for a refund | wait for a refund ; get my money back ; receive the refund you promised ; see when the refund comes | my refund is not here ; still waiting for my money ; no money back yet ; when is the refund coming ; you promised my money back
i | payment methods ; ways to pay ; the payment methods you accept ; paypal and other payment | pay with paypal ; see which payment you accept ; find a way to pay ; choose how to pay | which payment methods do you accept ; do you accept paypal ; what ways to pay are there
d | credit card change ; a new credit card ; an expired credit card ; the credit card you charge | replace my credit card ; change the expired card ; enter another credit card ; put in a new credit card | my credit card expired ; the bank sent me a new credit card ; my card is old
d | tax number ; our vat number ; the vat number of a company ; tax on the bill | add a vat number ; put our tax number on the bill ; enter the company's vat number | the bill has no vat number ; our company needs the tax number on it ; my boss wants the vat number
d | coupon use ; a coupon ; my promo code ; a coupon code | use a coupon code ; redeem a coupon ; enter my promo code ; type in the coupon ; redeem the code I received | I got a coupon ; I have a promo code ; you sent me a coupon code
i | gift card balance ; what is left on a gift card ; the balance of my card of gifts ; a gift card | check my gift card balance ; see what is left on a gift card ; check how much my gift card has | I have an old gift card ; my aunt gave me a gift card ; is anything left on my gift card
r | price match ; a cheaper price ; a lower price elsewhere ; matching a price | match a lower price ; get the cheaper price ; report a price that is lower elsewhere ; have the price matched | I saw it cheaper elsewhere ; another shop sells it cheaper ; your price does not match ; I found a lower price
r | instalments ; payment in parts ; monthly payment ; several instalments | pay in instalments ; pay in monthly parts ; split the sum in several parts ; choose to pay monthly | the sum is too high at once ; I cannot pay all at once ; monthly parts are better for me
d | double charge ; a charge that came twice ; being charged twice ; two charges at the bank | report a double charge ; get the second charge back ; ask why I was charged twice | I was charged twice ; you charged us twice ; there is a double charge ; the same charge is there twice at my bank
i | order tracking ; package tracking ; my package on its way ; the place of my package | track a package ; track orders ; see how far the package is ; follow my package ; see where the package is | where is the package ; the package is on its way ; I have no tracking
d | order cancelling ; an order made by mistake ; cancelling what I ordered | cancel my order ; cancel an order from today ; stop what I ordered by mistake ; use the cancel button | I ordered by mistake ; please cancel it ; I want to cancel what I ordered ; can it still be cancelled
d | delivery address change ; a wrong street ; another delivery address ; the street address of an order | change the delivery address ; correct the street of my order ; send the order to another address ; correct a wrong address | I moved to another street ; the delivery address is wrong ; wrong street address ; we have moved
d | missing item ; a thing missing in the box ; something missing ; an item that is not in the box | report a missing item ; say that something is missing ; get the missing item sent | an item is missing ; something is missing in my box ; I opened the box and one is missing
d | damaged item ; a broken arrival ; damage from the journey ; a thing in pieces | report damage ; report a broken item ; show that it came damaged ; say that it arrived in pieces | it arrived broken ; it came damaged ; the pot is broken ; the pot arrived in pieces ; the box has damage
d | wrong item ; the wrong product ; a thing I never ordered | report the wrong item ; get the right item ; swap a wrong product for the right one ; say that you sent the wrong product | you sent the wrong item ; this is not what I ordered ; I got the wrong thing ; wrong product
d | repeat order ; the same things again ; an earlier order once more ; a reorder | repeat my last order ; reorder the same things ; buy the same again ; order the same stuff once more | the same again please ; same as last time ; once more like the earlier order
t | stock return ; a sold out product ; stock of a product ; products in stock again | see when it is back in stock ; learn when there is more in stock ; hear about a sold out thing | it is sold out ; the rake is out of stock ; there is no stock ; when do you get more ; sold out again
r | preorder option ; a product not released yet ; a preorder of the new model ; early orders of a new model | preorder a model ; preorder before it is released ; place a preorder ; order what is not released yet | it is not released yet ; I saw the new model ; the new model is not out
r | minimum order amount ; the minimum amount ; the lowest amount of an order ; an order of one small thing | see the minimum amount ; order at least the minimum ; order less than the minimum | is there a minimum ; what is the lowest amount ; I only need one small thing ; how much at least
c | shipping price ; postage and packing ; the cost of postage ; what shipping costs | see the shipping cost ; pay the postage ; find out what postage costs ; get free shipping | is shipping free ; how much is shipping ; what does the postage cost ; how much for packing
t | delivery days ; the usual delivery time ; how long delivery takes ; the days until delivery | see how long a delivery takes ; know how many days the delivery usually takes ; count the days until it gets here | how many days until it is here ; how long does it usually take ; how many days does delivery take
r | express shipping ; fast delivery ; an urgent order ; delivery tomorrow | get it by tomorrow ; choose the express way ; send it express ; order fast shipping ; get an urgent order | it is urgent ; I need it tomorrow ; I need it fast ; is there express
r | shipping abroad ; orders from another country ; overseas orders ; a country overseas | order from abroad ; ship to another country ; send it overseas ; order when I live abroad | I live abroad ; I live in another country ; do you ship overseas ; which country do you ship to
d | shop pickup ; pickup of my order ; collecting an order myself ; pickup without a driver | pick up my order ; collect it myself ; pick it up at the shop ; come and collect my order | I can pick it up myself ; I would rather collect it ; may I come and pick it up
r | weekend delivery ; delivery on saturday ; delivery on sundays ; a weekend driver | get it on a weekend ; have it delivered on saturday ; ask for sunday delivery ; choose delivery on saturdays | I work all week ; I am only home on weekends ; do you deliver on saturday ; do you come on sunday
d | safe place ; the parcel at a neighbour ; a safe place for parcels ; a parcel when nobody is home | leave a parcel in a safe place ; name a neighbour for my parcel ; leave it with the neighbour ; tell the driver a safe place | nobody is home ; I am not home at noon ; my neighbour can take the parcel ; leave the parcel with my neighbor
r | lost parcel ; a parcel that never arrived ; a parcel that got lost ; the search for a parcel | report my parcel as lost ; search for a lost parcel ; find a parcel that never came | my parcel is lost ; the parcel never came ; the parcel seems lost ; I think my parcel got lost ; it never arrived
d | product return ; a return label ; sending it back ; labels for a return | return an item ; send it back ; get a label for a return ; send something back to you ; print a return label | I do not want it ; I do not like it ; I want to send it back ; it must go back
t | return deadline ; the deadline for returns ; the last day of a return ; a late return | know the deadline of a return ; see how long I may return it ; find the deadline ; wait with a return | is it too late for returns ; what is the deadline ; is it too late to return this ; I bought it in march
r | size exchange ; an exchange ; a bigger size ; boots that do not fit ; boots in a smaller size | exchange my boots ; exchange it for a bigger size ; get one size smaller ; exchange a size that does not fit | the boots do not fit ; the boots are too small ; they are too big, I need an exchange ; one size bigger please
r | opened goods ; a used thing ; goods I tried and unpacked ; rules for opened boxes | give back opened goods ; give back a thing I used ; give back what I unpacked | I opened it already ; I already used it ; I tried it once ; the goods are unpacked ; does it matter that I used it ; the mower is unpacked ; it is opened and used
t | warranty length ; the years of warranty ; the written guarantee ; my guarantee ; the warranty on a drill ; warranty on a saw | know the warranty ; use the guarantee ; see how many years the warranty lasts ; see what the warranty covers | my drill stopped after a year ; is there still warranty ; the saw stopped ; how long is the warranty ; it broke after two years, is there a guarantee
i | spare parts list ; a spare blade ; a spare handle ; parts for a worn rake | buy a spare part ; get spare parts ; order a new blade ; find a spare handle | the blade is worn ; the handle is worn ; I need a spare ; do you have spare parts
i | instruction manual ; the manual ; an instruction booklet ; instructions for the pump | read the instructions ; find the manual ; get another booklet ; have the manual sent | there is no manual ; I lost the instructions ; the booklet is missing, I mean the manual ; no instructions with it
c | home assembly ; somebody to assemble it ; people who assemble ; assembly of a bench ; assembly of the shed | book assembly ; have my bench assembled ; get help to assemble a shed ; find somebody to assemble | I cannot assemble it alone ; please assemble it for me ; can you come and assemble it
i | glove size ; the size of a glove ; a chart of sizes ; a size chart | find the right glove size ; choose my glove size ; read the size chart ; know which size of gloves I need | which gloves fit me ; is this glove size mine ; no clue what glove size ; is there a chart of glove sizes
r | battery recycling ; dead batteries ; an empty battery ; old batteries for the bin | recycle batteries ; dispose of batteries ; dispose of a dead battery ; recycle a used battery | the batteries are dead ; my battery is empty, where is the bin ; I have dead batteries to dispose of
i | telephone number ; your phone number ; a number to phone ; a talk on the telephone | phone somebody ; talk to a real person ; call you by telephone ; find a phone number | I want to talk to a person ; may I phone you ; I need your number ; can I talk to somebody on the phone
t | opening times ; the opening hours ; the hours of the shop ; when you open and close | know your opening hours ; see when you are open ; come while you are open | are you open now ; are you open today ; when do you open ; when does the shop close ; the shop closes too early ; how late do you close
d | chat support ; a live chat ; a chat with an agent ; the chat window | chat with a human ; start a chat ; write with an agent live ; open the chat window | I would rather chat ; is there an agent to chat ; is a human agent there ; I like to write, not call
d | complaints desk ; a complaint ; bad service ; complaints about service | make a complaint ; complain about service ; send you a complaint ; complain to somebody | I am not happy ; the service was bad ; I want to complain ; who handles a complaint ; not happy with it
i | shop address ; the place of your shop ; your town ; a visit to your shop ; the bus to the shop | visit your shop ; find your shop on a map ; come to your shop by bus ; see the location of the shop | where are you located ; which town are you in ; I plan a visit ; what is the location of the shop ; we want to visit
i | car parking ; a parking space ; a place to park ; parking for a big car | park my car ; find a parking space ; park near you | I come by car ; is there a space for my car ; is there parking ; we come with a big car
d | app installation ; the app for my tablet ; an app for phones ; your app | install your app ; get the app ; put the app on my tablet ; have the app on a new tablet | is there an app ; I have no app yet ; my tablet does not have the app
d | dark screen ; a dark mode ; the bright screen ; the white screen at night | turn the screen dark ; set dark mode ; use it in the dark ; make a bright screen dark | the screen is too bright ; the white hurts my eyes ; it is too bright at night ; my eyes hurt
d | language setting ; another language ; the spanish language ; a page in french ; english pages | change the language ; set it to english ; read it in spanish ; choose french ; switch to another language | everything is in french ; I read only spanish ; my mother reads only english ; the language is wrong
d | fewer alerts ; the notifications ; too many alerts ; app notifications | turn off notifications ; stop the alerts ; switch the alerts off ; get fewer notifications | there are too many notifications ; so many alerts ; the alerts never stop
d | newsletter stop ; the newsletter ; advertising mails ; your advertising | unsubscribe from mails ; stop the newsletter ; leave the newsletter ; get rid of advertising mails | no more advertising please ; I do not want the newsletter ; I receive too many mails ; unsubscribe me please
r | bonus programme ; my bonus ; points for what I buy ; collected points | collect a bonus ; see what my points are worth ; use my points ; get a bonus | how many points do I have ; what are the points worth ; do I get a bonus
r | friend invitation ; a reward for friends ; friends who join ; a friend I invite | invite my friends ; recommend you to friends ; get the reward for a friend ; recommend the shop to a friend | my friend wants to join ; I recommend you to all my friends ; is there a reward if a friend joins
r | discount for students ; a student price ; the university discount ; a discount while I study | get a discount as a student ; prove that I study ; use the discount for students | I am a student ; I study at a university ; students are poor ; do students get a discount
r | bulk orders ; a large quantity ; a hundred pieces ; an offer for a company | order a large quantity ; buy in bulk ; get an offer for hundreds ; order two hundred pieces for a company | we need a hundred ; our company needs large quantities ; I need two hundred of them ; it is a bulk quantity
d | gift wrapping paper ; a birthday present ; wrapping ; a wrapped present | have it wrapped ; wrap a present ; add gift paper ; get it in nice paper | it is a birthday present ; it is a present for my mother ; can you wrap it ; is it gift wrapped
i | job openings ; work at your company ; free jobs | apply for a job ; work for you ; send my job papers | are you hiring ; I look for work ; do you have jobs
i | privacy policy ; what you do with privacy ; privacy rules | read the privacy policy ; see who sees my details ; ask about privacy | I care about privacy ; who sees my details
d | cookie choice ; cookies ; the cookie banner | refuse cookies ; change my cookie choice ; get rid of the cookie banner | the cookie banner is back ; I said no to cookies
d | product review ; a review ; my stars for a product | write a review ; give stars ; edit my review | my review is not shown ; I want to give five stars
d | wish list ; saved favourites ; my favourites | save a favourite ; share my wish list ; make a wish list | my favourites are gone ; where are my favourites
d | saved basket ; my basket ; a basket for later | keep my basket ; save a basket for later ; find my basket again | my basket is empty ; the basket forgot it all
i | order history ; past orders ; orders of last year | see my past orders ; find the order history ; look at orders of last year | I cannot see past orders ; my history is short
d | plan pause ; a break of my plan ; a paused plan | pause my plan ; take a break from my plan ; stop the plan for summer | I do not use the plan in summer ; I need a break
d | plan cancelling ; the end of my plan ; my yearly plan | end my plan ; get out of the yearly plan ; not renew my plan | I do not need the plan ; it renewed without asking
r | free trial ; a test month ; the trial | start a trial ; try the plan for free ; extend my trial | my trial is over ; is there a test month
d | plan upgrade ; a larger plan ; more seats | upgrade my plan ; move to a larger plan ; buy more seats | we need more seats ; my plan is too little
d | plan downgrade ; a cheaper plan ; fewer seats | downgrade ; move to a simple plan ; remove seats | the plan is too large ; we have empty seats
d | team member ; a colleague ; a new user | add a colleague ; invite a team member ; create a user | a colleague cannot see it ; we have a new colleague
d | user roles ; admin rights ; the admin role | make somebody admin ; change a role ; take away rights | our admin left ; I have no rights here
d | shared folder ; sharing a folder ; folder access | share a folder ; open a folder to others ; stop sharing a folder | nobody sees my folder ; the folder is private
d | file restore ; a deleted file ; yesterday's file | restore a file ; get a deleted file back ; undo a deletion | I deleted a file ; the file has vanished
d | backup ; a safety copy ; nightly copies | make a backup ; keep a safety copy ; load a backup | my disk died ; I have no backup
d | sync ; syncing two computers ; the cloud sync | sync my computers ; start the sync ; repair the sync | the sync hangs ; both computers show other things
d | wifi setup ; wireless network ; the wifi | join the wifi ; connect to the wireless network ; set up wifi | no wifi ; the wireless network drops
d | bluetooth pairing ; bluetooth ; a wireless headset | pair my headset ; turn on bluetooth ; connect a headset | the headset does not pair ; bluetooth finds nothing
d | factory settings ; a full wipe ; a fresh beginning | go back to factory settings ; wipe everything ; begin afresh | it is slow, wipe it ; I want to sell it clean
i | storage space ; a full disk ; free gigabytes | free some storage ; see used gigabytes ; buy more storage | my storage is full ; no gigabytes left
d | contact import ; my address book ; contacts from a table | import contacts ; load my address book ; bring contacts over | my contacts are in a table ; the address book is empty
d | calendar link ; my calendar ; dates in a calendar | link my calendar ; see dates in the calendar ; connect a calendar | the calendar is blank ; dates do not show
d | time zone ; the clock of my profile ; wrong hours shown | set my time zone ; move to another zone ; correct shown hours | all times are off by one hour ; the zone is wrong
i | keyboard shortcuts ; keys for quick work ; hot keys | learn the shortcuts ; use keys only ; change a shortcut | is there a key for this ; the mouse is slow
d | profile picture ; my portrait ; a picture of me | change my picture ; upload a portrait ; remove my picture | my picture is upside down ; the portrait is blurred
d | letter size ; larger letters ; tiny letters | make letters larger ; read tiny letters ; zoom in | I cannot read tiny letters ; letters too tiny
d | screen reader ; reading aloud ; blind users | have it read aloud ; use a screen reader ; work without sight | my sister is blind ; the reader skips buttons
d | sound volume ; the sound ; loud sounds | make the sound lower ; raise the volume ; silence it | it is too loud ; I hear no sound
d | video quality ; a blurred video ; sharp videos | get a sharp video ; lower the video quality ; watch videos | the video is blurred ; the video stutters
d | camera access ; the camera permission ; a blocked camera | allow the camera ; unblock my camera ; use a camera in calls | the camera stays black ; no permission for the camera
i | login history ; unknown devices ; my sessions | see my sessions ; find unknown devices ; end other sessions | somebody used my login ; I see an unknown device
d | suspicious mail ; a fake message ; phishing | report phishing ; check a suspicious message ; know a fake message | a strange mail in your name ; this looks fake
d | abuse report ; a nasty user ; bad behaviour | report abuse ; report a nasty user ; stop bad behaviour | somebody insults me ; he is nasty to us
d | blocked user ; blocking somebody ; a user I blocked | block a user ; unblock somebody ; hide from a user | she writes all the time ; I blocked him by accident
c | customs duty ; import fees ; customs | pay customs ; estimate import fees ; fill in customs papers | customs wants a fee ; who pays the duty
r | signature at the door ; signing for a parcel ; a signed receipt at the door | sign for it ; skip the signature ; let my son sign | nobody asked for a signature ; must I sign
d | parcel locker ; a locker station ; locker codes | use a locker ; open my locker ; choose a locker station | the locker is full ; the locker code fails
d | delivery slot ; an evening slot ; a time window | book a slot ; change my slot ; choose an evening window | the slot does not suit me ; no free slots
r | company delivery ; delivery to an office ; the front desk of an office | send it to my office ; ship to a firm ; add a floor and a room | our office is on floor six ; the front desk signs
r | green packing ; plastic in boxes ; paper packing | avoid plastic ; ask for green packing ; reuse a carton | there is so much plastic ; please no plastic
r | currency ; prices in euros ; dollars and euros | see prices in euros ; change currency ; pay in pounds | everything is in dollars ; the currency is odd
c | deposit ; a deposit for rented goods ; my bottle deposit | pay a deposit ; get a deposit repaid ; skip the deposit | my deposit is not repaid ; how high is the deposit
c | late fee ; a reminder fee ; an unpaid bill | avoid a late fee ; settle an unpaid bill ; dispute a reminder | I got a reminder ; the fee is unfair
i | bank details ; your bank account ; the account for transfers | find your bank details ; make a transfer ; write the right reference | what is your bank ; the transfer came home
i | paper receipt ; a receipt ; proof of purchase | get a receipt ; print a receipt again ; find proof of purchase | I threw away the receipt ; no receipt in the bag
r | tips ; a tip for the driver ; tipping | tip the driver ; add a tip ; remove a tip | the driver was great ; do people tip
r | donations ; gifts to charity ; a charity | donate ; round up for charity ; name a charity | I want to do good ; which charity is it
c | tool rental ; a rented tool ; hiring a machine | rent a machine ; hire a tool for one day ; extend a rental | I need it for one day only ; hiring is enough
d | repair service ; a repair ; the workshop | have it repaired ; bring it to the workshop ; see the state of a repair | it makes a noise ; the motor stopped ; can it be mended
r | trade in ; my old device ; credit for old devices | trade in my old device ; get credit for an old device ; swap old for new | I have an old device at home ; what is my old device worth
d | class booking ; an evening class ; a course | book a class ; join a course ; leave a class | is the class full ; I want to learn it
i | event tickets ; the summer party ; a ticket | get tickets ; come to the party ; give my ticket away | are there tickets ; when is the party
d | membership card ; a club card ; club membership | join the club ; replace my club card ; show the membership card | my club card is bent ; am I a member
i | paper catalogue ; the winter catalogue ; a catalogue by post | order a catalogue ; stop the catalogue ; leaf through the catalogue | I like paper catalogues ; two catalogues came
c | samples ; a small sample ; fabric samples | order a sample ; feel the fabric first ; get free samples | I want to feel it first ; are samples free
i | colour choice ; other colours ; the red version | choose a colour ; see all colours ; get it in red | it looks darker than on the picture ; is there a red one
i | allergy notes ; nuts and milk ; allergies | check for nuts ; find allergy notes ; avoid milk | my child has allergies ; does it have nuts
i | ingredients ; what it is made of ; the list of ingredients | read the ingredients ; know what it is made of ; see the material | what is in it ; is it real wool
r | vegan products ; things without animals ; vegan soap | find vegan products ; avoid animal glue ; buy vegan | I am vegan ; is the soap vegan
r | dogs in the shop ; pets ; my dog | bring my dog ; come with pets ; tie up my dog | my dog is calm ; are pets welcome
i | wheelchair access ; a ramp ; the lift | come in with a wheelchair ; find the ramp ; use the lift | I use a wheelchair ; there are steps at the door
i | toilets ; the washroom ; a baby table | find the toilets ; change a baby ; use the washroom | my son has to go ; is there a washroom
d | lost property ; a forgotten umbrella ; the lost box | ask for a lost umbrella ; find my scarf ; hand in a found thing | I left my umbrella ; my scarf stayed with you
i | cloakroom ; a coat for an hour ; bags at the entrance | leave my coat ; store a bag for an hour ; find the cloakroom | my bag is heavy ; where do coats go
r | photo rights ; pictures of your things ; filming | take pictures in the shop ; use your pictures ; film there | I write a blog ; may I film
i | press office ; a press kit ; journalists | reach the press office ; get a press kit ; ask for an interview | I am a journalist ; I write for a paper
r | partner programme ; selling for you ; partners | become a partner ; sell your goods ; earn a share | I have a website ; we sell things like yours
d | api key ; a key for programs ; program access | create an api key ; renew a key ; give a program access | my key was stolen ; the program says no key
d | webhook ; messages to my server ; calls to our server | set up a webhook ; test a webhook ; stop calls to our server | my server hears nothing ; webhooks arrive in doubles
r | rate limit ; too many requests ; requests a minute | raise the rate limit ; send more requests ; stay under the limit | it says too many requests ; the limit is low
i | error code ; a strange error ; error 42 | read an error code ; get past an error ; report an error | I see error 42 ; there is an error in red
i | server status ; an outage ; the status page | see the status ; learn of outages ; know if it is down | is it down ; nothing loads
t | maintenance window ; the nightly maintenance ; planned work | know when maintenance is ; plan around maintenance ; skip a maintenance | it is down each night ; you announced work
i | contract terms ; your terms ; the fine print | read the terms ; get the contract ; sign the contract | what does the fine print say ; the terms are long
r | age limit ; young people ; buying under eighteen | buy under eighteen ; prove my age ; order for a teenager | I am sixteen ; is there an age limit
d | family account ; my children ; a child profile | add a child ; limit my children ; make a family account | my daughter wants in ; the children see it all
c | parcel insurance ; insurance ; cover for the journey | insure it ; add insurance ; claim on the insurance | it is very valuable ; is it insured
i | plant care ; a sad plant ; yellow leaves | care for a plant ; save a sad plant ; treat yellow leaves | the leaves are yellow ; my plant is sad
t | watering ; water for plants ; thirsty roots | water a fern ; know when to water ; water less | the roots are dry ; too much water
t | sowing time ; seeds in spring ; when to sow | sow seeds ; start in spring ; sow beans | is it too cold to sow ; my beans did not grow
i | garden soil ; earth for pots ; sandy earth | choose soil ; mix earth ; improve sandy earth | my earth is sandy ; which soil for ferns
i | fertiliser ; food for tomatoes ; feeding roses | feed tomatoes ; use fertiliser ; feed my roses | the tomatoes are thin ; the roses are hungry
d | pests ; greenfly ; snails | fight snails ; get rid of greenfly ; keep pests away | snails eat it all ; there are small flies
t | pruning ; cutting a hedge ; when to cut roses | prune an apple tree ; cut the hedge ; cut roses | the hedge is wild ; the apple tree is huge
i | noise level ; a quiet machine ; decibels | find a quiet machine ; see the decibels ; make it quiet | the walls are thin ; how noisy is it
i | power use ; watts ; the electricity it uses | see the watts ; save electricity ; compare power use | my electricity bill is high ; how many watts
i | weight ; how heavy it is ; kilograms | see the weight ; carry it ; know how heavy it is | can I carry it ; it feels heavy
i | measurements ; height and width ; centimetres | see the height ; know the width ; measure the door first | does it go through the door ; how tall is it
r | child safety ; small parts and toddlers ; sharp edges | make it safe for toddlers ; cover sharp edges ; check it for children | we have a toddler ; is it sharp
i | test report ; the safety mark ; certificates | see a certificate ; check the safety mark ; get a test report | is it tested ; there is no mark
i | origin ; where it is made ; the maker | see where it is made ; find the maker ; buy local goods | is it made here ; who makes it
r | gift receipt ; a receipt without prices ; hidden prices | hide the price ; add a gift receipt ; leave out prices | she must not see what it cost ; no prices in the box
r | engraving ; a name on it ; my initials | have it engraved ; put a name on it ; add initials | I want her name on it ; is engraving possible
i | phone app crash ; a crash ; the frozen program | stop a crash ; report a crash ; restart a frozen program | it crashes at start ; it is frozen
d | cache clearing ; the cache ; an old page | clear the cache ; load the page anew ; see the fresh page | I see an old page ; it shows last week's page
d | browser choice ; an old browser ; supported browsers | use another browser ; see supported browsers ; update my browser | it looks odd in my browser ; the browser is old
d | offline use ; work without a network ; on a train | work offline ; use it on a train ; keep pages for offline | I have no network on trains ; it needs a network
d | barcode scan ; the barcode ; scanning things | scan a barcode ; type a barcode ; read a torn barcode | the barcode is torn ; it does not scan
d | printing ; a printed page ; blank prints | print a page ; print in colour ; print on both sides | the print is blank ; it prints half a page
d | search filters ; the search ; too many results | filter a search ; sort results ; search by brand | the search finds nothing ; too many results
d | tags ; labels on notes ; sorting notes | add tags ; rename a tag ; sort my notes | my notes are a mess ; tags are gone
d | comment ; a remark on a page ; comments | write a comment ; answer a remark ; hide comments | my comment vanished ; comments are off
d | survey ; your questions by mail ; an opinion form | answer the survey ; skip the survey ; see survey results | I got a survey ; the form does not send
]]

local devices = {
    "lamp; desk light", "kettle; water cooker", "tent; camping tent", "printer; ink printer", "camera; photo camera",
    "router; network box", "chair; swivel chair", "lawnmower; grass cutter", "bike; bicycle", "heater; radiator",
    "fan; ventilator", "clock; alarm clock", "radio; kitchen radio", "scale; bathroom scale", "ladder; folding ladder",
    "stove; gas cooker", "vacuum; dust cleaner", "speaker; music box", "oven; baking oven", "freezer; ice box",
}

-- name | noun phrases | verb phrases | remarks; @ is the device.
local actions = {
    "d | @ cleaning ; a dirty @ ; dirt on the @ | clean the @ ; wash my @ ; get dirt off the @ | my @ is dirty ; the @ smells",
    "t | @ charging ; the charger of a @ ; an uncharged @ | charge the @ ; load my @ with power ; plug in the charger of my @ | the @ does not charge ; my @ is out of power",
    "d | @ setup ; a brand new @ ; first use of the @ | set up the @ ; get my @ going ; put the @ into use | my @ just came ; I have a brand new @",
    "d | @ switch ; the off switch of the @ ; a @ that runs all night | turn off the @ ; shut down my @ ; switch the @ off | the @ does not turn off ; my @ runs all night",
    "d | @ update ; new software for the @ ; the @ software | update the @ ; load new software on my @ ; bring the @ up to date | the @ wants an update ; my @ has old software",
    "r | @ in winter ; frost and the @ ; storing a @ | store the @ in winter ; keep my @ from frost ; put the @ away for winter | frost is coming, I have a @ ; the @ stands in the snow",
    "i | @ colour ; paint for the @ ; scratches on a @ | paint the @ ; cover a scratch on my @ ; get the @ in blue | my @ has a scratch ; I want a blue @",
    "r | @ hire ; a @ for one week ; borrowing a @ | hire a @ ; borrow a @ ; have a @ for one week | I need a @ for one week only ; can you lend me a @",
}

local function list(text)
    local out = {}
    for item in (text .. ";"):gmatch("%s*(.-)%s*;") do
        if item ~= "" then out[#out + 1] = item end
    end
    return out
end

local function parse(line)
    local kind, nouns, verbs, remarks = line:match("^(%l) | (.-) | (.-) | (.+)$")
    assert(kind, line)
    local topic = {kind = kind, nouns = list(nouns), verbs = list(verbs), remarks = list(remarks)}
    topic.name = topic.nouns[1]
    return topic
end

-- The same action with the other word for the device, behind the first half so that the name keeps the first word.
local function both_words(action, words)
    local first, second = parse((action:gsub("@", words[1]))), parse((action:gsub("@", words[2])))
    for _, part in ipairs {"nouns", "verbs", "remarks"} do
        for _, phrase in ipairs(second[part]) do
            first[part][#first[part] + 1] = phrase
        end
    end
    return first
end

local topics = {}
for line in lines:gmatch("[^\n]+") do
    topics[#topics + 1] = parse(line)
end
for _, device in ipairs(devices) do
    for _, action in ipairs(actions) do
        topics[#topics + 1] = both_words(action, list(device))
    end
end
return topics
